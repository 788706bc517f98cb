//! The nonce of a ballot page, by which the same ballot sent twice is known.
//!
//! The page carries it sealed, bound to its poll and its session, and the receipt is derived from it. So a ballot that is sent again
//! has the same receipt, and no client can choose or foresee one. It is stored and logged nowhere: without it nothing leads from a
//! voter's mark to a receipt.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use crate::platform::crypto::{Keys, Mac32, random};
use crate::polls::model::receipt::Receipt;

/// 128 random bits.
#[derive(Clone)]
pub struct Nonce([u8; 16]);

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}

impl Nonce {
    /// Makes one for a page.
    #[must_use]
    pub fn fresh() -> Self {
        Self(random())
    }

    /// Seals it for the page of a poll in the session of this key.
    #[must_use]
    pub fn seal(&self, keys: &Keys, poll: &str, session: &[u8]) -> String {
        BASE64URL_NOPAD.encode(&keys.seal_nonce(poll, session, &self.0))
    }

    /// Opens what [`Nonce::seal`] made for this poll and one of these sessions.
    pub fn open<'a>(
        keys: &Keys,
        poll: &str,
        sessions: impl IntoIterator<Item = &'a [u8]>,
        sealed: &str,
    ) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        sessions
            .into_iter()
            .find_map(|session| keys.open_nonce(poll, session, &sealed))
            .map(Self)
    }

    /// The receipt of the ballot that this voter casts with it.
    #[must_use]
    pub fn receipt(&self, keys: &Keys, poll: &str, voter: &Mac32) -> Receipt {
        Receipt::of(&keys.receipt(poll, voter, &self.0))
    }
}

/// A nonce for a form that makes something: the same form sent twice makes one thing.
#[must_use]
pub fn of_form() -> String {
    BASE64URL_NOPAD.encode(&random::<16>())
}
