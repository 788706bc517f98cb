//! The draw that decides which of several choices goes out, when the votes leave them level.
//!
//! The seed is made with the poll and its SHA-256 is shown from then on, so it can't be chosen after
//! the votes. The receipts go in too, and only the close settles which there are. The draw is made
//! of text, so that `sha256sum` recomputes it: see `docs/counting.md`.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::platform::crypto::{Mac32, digest, random};

/// The format of the bundles of polls with a seed, and the first line of each draw.
pub const FORMAT: &str = "pollstr bundle 2";

/// The secret seed of a poll's draw, published once the poll is sealed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Returns a new random seed.
    #[must_use]
    pub fn random() -> Self {
        Self(random())
    }

    /// The bytes to store.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        self.0.to_vec()
    }

    /// Reads the stored bytes; `None` if there aren't 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Parses the digits that a bundle shows.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        Self::from_bytes(&HEXLOWER.decode(hex.as_bytes()).ok()?)
    }

    /// The seed in hexadecimal digits.
    #[must_use]
    pub fn hex(self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// The SHA-256 of the 32 bytes in hexadecimal digits, which may be shown while the seed is
    /// secret.
    #[must_use]
    pub fn commitment(self) -> String {
        HEXLOWER.encode(&digest(&self.0))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// The hash of a poll's receipts, fed in sorted order.
#[derive(Clone, Debug, Default)]
pub struct ReceiptsHash(Sha256);

impl ReceiptsHash {
    /// Adds the next receipt's hash, in hexadecimal digits.
    pub fn add(&mut self, receipt: &str) {
        self.0.update(receipt.as_bytes());
        self.0.update(b"\n");
    }
}

/// The draw of a poll, once no vote can be added.
#[derive(Clone, Debug)]
pub struct Draw {
    /// The lines that all lots begin with.
    head: String,
}

impl Draw {
    /// Creates the draw of a poll from its seed and its receipts.
    #[must_use]
    pub fn new(poll: &str, seed: Seed, receipts: ReceiptsHash) -> Self {
        let receipts = HEXLOWER.encode(&receipts.0.finalize());
        let head = format!("{FORMAT}\n{poll}\n{}\n{receipts}\n", seed.hex());
        Self { head }
    }

    /// The lot of a choice in a round, counted from 1. The choice with the lowest lot is out.
    #[must_use]
    pub fn lot(&self, round: usize, choice: i64) -> Mac32 {
        digest(format!("{}{round}\n{choice}\n", self.head).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits come from `sha256sum`, as `docs/counting.md` describes.
    #[test]
    fn a_draw_is_what_sha256sum_makes_of_its_lines() {
        let seed = Seed::parse(&"07".repeat(32)).unwrap();
        assert_eq!(
            seed.commitment(),
            "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0"
        );
        let mut receipts = ReceiptsHash::default();
        receipts.add(&"0a".repeat(32));
        receipts.add(&"0b".repeat(32));
        let draw = Draw::new("d7kezz5t0a", seed, receipts);
        assert_eq!(
            HEXLOWER.encode(&draw.lot(2, 3)),
            "a57f538301a5c97afd95ee34ea2154370a1b1d51fac3cd0895659eb4c1b16a7a"
        );
        assert_ne!(draw.lot(2, 3), draw.lot(1, 3));
        assert_ne!(draw.lot(2, 3), draw.lot(2, 1));
    }

    #[test]
    fn a_seed_is_not_logged() {
        assert_eq!(format!("{:?}", Seed::random()), "Seed(..)");
    }
}
