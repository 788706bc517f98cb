//! Why a subscriber may see results that are not public.

use tokio_util::sync::CancellationToken;

/// Why somebody may watch what not everybody may: a session that is verified with this number. It ends with the session, and when
/// the number is lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ViewGrant {
    /// The session's key.
    pub session: Vec<u8>,
    /// The mark of the number.
    pub number: Vec<u8>,
}

/// Many windows of one browser share a right.
#[derive(Debug, Default)]
pub(crate) struct SharedGrant {
    pub(super) ended: CancellationToken,
    pub(super) watchers: usize,
}
