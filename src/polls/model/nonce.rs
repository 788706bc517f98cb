//! The nonce of a ballot page, which identifies a ballot that is sent twice.
//!
//! The page carries the nonce sealed, bound to its poll and session, and the receipt is derived
//! from it. A ballot that is sent again therefore has the same receipt, and no client can choose or
//! predict a receipt. The nonce is never stored or logged: without it nothing links a voter's mark
//! to a receipt.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use crate::platform::crypto::{Keys, Mac32, random};
use crate::polls::model::receipt::Receipt;

/// A nonce of 128 random bits.
#[derive(Clone)]
pub struct Nonce([u8; 16]);

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce")
    }
}

impl Nonce {
    /// Generates a nonce for a new page.
    #[must_use]
    pub fn fresh() -> Self {
        Self(random())
    }

    /// Encrypts the nonce for one poll and session.
    #[must_use]
    pub fn seal(&self, keys: &Keys, poll: &str, session: &[u8]) -> String {
        BASE64URL_NOPAD.encode(&keys.seal_nonce(poll, session, &self.0))
    }

    /// Decrypts a sealed nonce, trying each of these session keys.
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

    /// Derives the receipt of the ballot that this voter casts with the nonce.
    #[must_use]
    pub fn receipt(&self, keys: &Keys, poll: &str, voter: &Mac32) -> Receipt {
        Receipt::of(&keys.receipt(poll, voter, &self.0))
    }
}

/// Generates a nonce for a form that creates something, so that the same form sent twice creates it
/// once.
#[must_use]
pub fn of_form() -> String {
    BASE64URL_NOPAD.encode(&random::<16>())
}
