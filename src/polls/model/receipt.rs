//! The receipt of a vote: it proves that a ballot is counted, not how it was cast.
//!
//! The voter holds the receipt, the server its hash. It is derived from the nonce of the ballot page,
//! so the same ballot sent twice has one receipt.

use crate::platform::base32::Base32;

/// Sixteen letters, too many to guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(Base32);

impl Receipt {
    /// Spells these bits.
    #[must_use]
    pub fn of(bits: &[u8; 10]) -> Self {
        Self(Base32::of(bits))
    }

    /// Reads one as a person would type it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Base32::parse(text).map(Self)
    }

    /// What the server keeps of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.0.hash()
    }

    /// The letters without spaces, as a cookie carries them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// In groups of four, as it is shown.
    #[must_use]
    pub fn grouped(&self) -> String {
        self.0.grouped()
    }
}
