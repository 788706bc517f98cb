//! The receipt of a vote, which proves that a ballot is counted, not how it was cast.
//!
//! The voter holds the receipt, the server only its hash. It is derived from the nonce of the
//! ballot page, so the same ballot sent twice has the same receipt.

use crate::platform::base32::Base32;

/// A receipt of sixteen characters, too long to guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(Base32);

impl Receipt {
    /// Encodes these bits.
    #[must_use]
    pub fn of(bits: &[u8; 10]) -> Self {
        Self(Base32::of(bits))
    }

    /// Parses a receipt as typed by a voter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Base32::parse(text).map(Self)
    }

    /// The hash that the server stores.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.0.hash()
    }

    /// The characters without separators, as stored in the cookie.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The receipt in groups of four, for display.
    #[must_use]
    pub fn grouped(&self) -> String {
        self.0.grouped()
    }
}
