//! Random bytes, SHA-256 and HMAC-SHA256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

pub(super) type HmacSha256 = Hmac<Sha256>;

/// 32 bytes of HMAC-SHA256.
pub type Mac32 = [u8; 32];

/// Returns `N` random bytes.
///
/// # Panics
/// When the kernel's random source fails: no key would be safe.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "without randomness nothing here is safe to go on with"
)]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random source must work");
    bytes
}

/// Returns SHA-256, for random values that need no key: session ids and receipts.
#[must_use]
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
pub(super) fn keyed(key: &[u8]) -> HmacSha256 {
    <HmacSha256 as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length")
}

pub(super) fn mac(key: &HmacSha256, parts: &[&[u8]]) -> Mac32 {
    let mut mac = key.clone();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
