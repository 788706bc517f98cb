//! View grants: why a subscriber may see results that aren't public.

use tokio_util::sync::CancellationToken;

/// A view grant: a session that is verified with this number. It ends with the session, and when
/// the account loses the number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ViewGrant {
    /// The session key.
    pub session: Vec<u8>,
    /// The MAC of the number.
    pub number: Vec<u8>,
}

/// The state shared by all streams with the same grant, such as several tabs of one browser.
#[derive(Debug, Default)]
pub(crate) struct SharedGrant {
    pub(super) ended: CancellationToken,
    pub(super) watchers: usize,
}
