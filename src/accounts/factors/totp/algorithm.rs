//! Codes that an app makes from a secret and the time: RFC 6238, with SHA-1, six digits and half minutes, which every app knows.
//!
//! Must not know accounts or rows: it tells which half minute a code is of, and whoever asks decides whether that is still good.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::platform::base32::in_fours;
use crate::platform::clock::Seconds;
use crate::platform::crypto::random;
use crate::web::location::encode;

/// How long a code is shown, in seconds.
const STEP: Seconds = 30;
/// How many steps an app's clock may be early or late.
const DRIFT: i64 = 1;
/// How many steps off a clock is known to be wrong: ten minutes.
const ASTRAY: i64 = 20;

/// What an app and the server make codes from: 160 random bits, as RFC 4226 asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Vec<u8>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// The last step that a code may be of at this time.
#[must_use]
pub fn latest(now: Seconds) -> i64 {
    now.div_euclid(STEP) + DRIFT
}

impl TotpSecret {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self(random::<20>().to_vec())
    }

    /// One that was kept.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// To be kept, encrypted.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For people to type into an app: base 32, in groups of four.
    #[must_use]
    pub fn grouped(&self) -> String {
        in_fours(&BASE32_NOPAD.encode(&self.0), ' ')
    }

    /// For apps to read: the address that stands in a QR code. It names the site and the account, so that an app can tell its codes
    /// apart.
    #[must_use]
    pub fn address(&self, site: &str, username: &str) -> String {
        let (site, username, secret) =
            (encode(site), encode(username), BASE32_NOPAD.encode(&self.0));
        format!("otpauth://totp/{site}:{username}?secret={secret}&issuer={site}")
    }

    /// Which step a code is of: the one at hand, the one before or the one after. `None` for a code of none of them.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Seconds) -> Option<i64> {
        let step = now.div_euclid(STEP);
        // A code that fits two counts as the later one, so that it is used up for both.
        (step - DRIFT..=step + DRIFT)
            .rev()
            .find(|step| same(&self.code(*step, 6), code))
    }

    /// Which step a code is of that is too early or too late to be good, of an app whose clock is minutes off.
    #[must_use]
    pub fn step_astray(&self, code: &str, now: Seconds) -> Option<i64> {
        let step = now.div_euclid(STEP);
        let steps = (DRIFT + 1..=ASTRAY).flat_map(|off| [step - off, step + off]);
        // Each is compared, so that the time tells nothing.
        steps.fold(None, |found, step| {
            if same(&self.code(step, 6), code) {
                found.or(Some(step))
            } else {
                found
            }
        })
    }

    /// The code of a step: RFC 4226, section 5.3.
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

/// Compares in a time that does not depend on where the first difference is.
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

    /// The secret of the RFC's test vectors.
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
