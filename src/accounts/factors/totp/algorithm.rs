//! TOTP codes (RFC 6238) with SHA-1, six digits and 30-second steps, which every authenticator app
//! supports.
//!
//! This module must not depend on accounts or the database: it returns the step of a code, and the
//! caller decides whether that step may still be used.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::platform::base32::group_by_four;
use crate::platform::clock::Seconds;
use crate::platform::crypto::random;
use crate::web::location::encode;

/// Length of a step, in seconds.
const STEP: Seconds = 30;
/// Accepted clock drift, in steps.
const DRIFT: i64 = 1;
/// Maximum clock drift that is recognised as such, in steps: ten minutes.
const MAX_DETECTED_DRIFT: i64 = 20;

/// Secret shared by app and server: 160 random bits, as RFC 4226 recommends.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Vec<u8>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Returns the latest step accepted at this time.
#[must_use]
pub fn latest(now: Seconds) -> i64 {
    now.div_euclid(STEP) + DRIFT
}

impl TotpSecret {
    /// Generates a random secret.
    #[must_use]
    pub fn new() -> Self {
        Self(random::<20>().to_vec())
    }

    /// Restores a stored secret.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes to encrypt and store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the secret in base 32, in groups of four, for typing into an app.
    #[must_use]
    pub fn grouped(&self) -> String {
        group_by_four(&BASE32_NOPAD.encode(&self.0), ' ')
    }

    /// Returns the `otpauth` URI for the QR code. It names the site and the account, so that an app
    /// can tell its entries apart.
    #[must_use]
    pub fn address(&self, site: &str, username: &str) -> String {
        let (site, username, secret) =
            (encode(site), encode(username), BASE32_NOPAD.encode(&self.0));
        format!("otpauth://totp/{site}:{username}?secret={secret}&issuer={site}")
    }

    /// Returns the step of a code: the current one, the one before or the one after. `None` if it
    /// matches none of them.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Seconds) -> Option<i64> {
        let step = now.div_euclid(STEP);
        // A code that matches two steps counts as the later one, so that it is used up for both.
        (step - DRIFT..=step + DRIFT)
            .rev()
            .find(|step| same(&self.code(*step, 6), code))
    }

    /// Returns the step of a code that is too early or too late to be accepted, from an app whose
    /// clock is minutes off.
    #[must_use]
    pub fn drifted_step(&self, code: &str, now: Seconds) -> Option<i64> {
        let step = now.div_euclid(STEP);
        let steps = (DRIFT + 1..=MAX_DETECTED_DRIFT).flat_map(|off| [step - off, step + off]);
        // Compares all steps, so that the timing reveals nothing.
        steps.fold(None, |found, step| {
            if same(&self.code(step, 6), code) {
                found.or(Some(step))
            } else {
                found
            }
        })
    }

    /// Computes the code of a step (RFC 4226, section 5.3).
    fn code(&self, step: i64, digits: u32) -> String {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.0)
            .expect("HMAC takes a key of any length");
        mac.update(&step.to_be_bytes());
        let mac: [u8; 20] = mac.finalize().into_bytes().into();
        let at = usize::from(mac[19] & 15);
        let number = u32::from_be_bytes([mac[at] & 127, mac[at + 1], mac[at + 2], mac[at + 3]])
            % 10_u32.pow(digits);
        format!("{number:0width$}", width = digits as usize)
    }
}

impl Default for TotpSecret {
    fn default() -> Self {
        Self::new()
    }
}

/// Compares in time independent of where the first difference is.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .fold(0, |difference, (one, other)| difference | (one ^ other))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Secret of the RFCs' test vectors.
    fn secret() -> TotpSecret {
        TotpSecret(b"12345678901234567890".to_vec())
    }

    #[test]
    fn the_codes_are_those_of_the_standards() {
        let vectors_6238 = [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ];
        for (time, code) in vectors_6238 {
            assert_eq!(secret().code(time / STEP, 8), code, "{time}");
        }
        let vectors_4226 = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in (0..).zip(vectors_4226) {
            assert_eq!(secret().code(step, 6), code, "{step}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_one_late_and_no_more() {
        let code = secret().code(100, 6);
        for (now, found) in [
            (2_969, None),
            (2_970, Some(100)),
            (3_000, Some(100)),
            (3_029, Some(100)),
            (3_059, Some(100)),
            (3_060, None),
        ] {
            assert_eq!(secret().step_of(&code, now), found, "{now}");
        }
        for wrong in ["", "12345", "1234567", "abcdef"] {
            assert_eq!(secret().step_of(wrong, 3_000), None);
        }
    }

    #[test]
    fn a_secret_is_told_to_people_and_to_apps() {
        assert_eq!(
            secret().grouped(),
            "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
        );
        let address = "otpauth://totp/Our%20Club:amy?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Our%20Club";
        assert_eq!(secret().address("Our Club", "amy"), address);
        assert_eq!(TotpSecret::new().as_bytes().len(), 20);
        assert_ne!(TotpSecret::new(), TotpSecret::new());
    }
}
