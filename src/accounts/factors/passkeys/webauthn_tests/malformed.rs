//! Unit tests of `webauthn`: truncated, oversized and otherwise malformed responses.

use super::{CHALLENGE, Device, Key, SITE};
use crate::accounts::factors::passkeys::webauthn::*;

#[test]
fn what_no_browser_sends_is_refused_and_breaks_nothing() {
    let device = Device::new(Key::es256(), "webauthn.create");
    let made = device.makes();
    // Truncated authenticator data is refused.
    for length in 0..37 {
        let authenticator_data = made.authenticator_data[..length].to_vec();
        assert_eq!(
            SITE.made(
                &CHALLENGE,
                &Made {
                    authenticator_data,
                    ..made.clone()
                }
            ),
            Err(WebAuthnError::BodyError),
            "{length}"
        );
    }
    for length in 37..37 + 16 + 2 + 16 {
        let authenticator_data = made.authenticator_data[..length].to_vec();
        assert_eq!(
            SITE.made(
                &CHALLENGE,
                &Made {
                    authenticator_data,
                    ..made.clone()
                }
            ),
            Err(WebAuthnError::Credential),
            "{length}"
        );
    }
    for client_data in [
        Vec::new(),
        b"{}".to_vec(),
        b"\xff".to_vec(),
        [made.client_data.as_slice(), &[b' '; MAX_PART_LEN]].concat(),
    ] {
        assert_eq!(
            SITE.made(
                &CHALLENGE,
                &Made {
                    client_data,
                    ..made.clone()
                }
            ),
            Err(WebAuthnError::BodyError)
        );
    }
    let authenticator_data = [made.authenticator_data.as_slice(), &[0; MAX_PART_LEN]].concat();
    assert_eq!(
        SITE.made(
            &CHALLENGE,
            &Made {
                authenticator_data,
                ..made.clone()
            }
        ),
        Err(WebAuthnError::BodyError)
    );
    let whole = made.public_key.clone();
    let other_curve = [&whole[..20], &[0x22], &whole[21..]].concat();
    for public_key in [
        Vec::new(),
        whole[..90].to_vec(),
        [whole.as_slice(), &[0]].concat(),
        other_curve,
    ] {
        assert_eq!(
            SITE.made(
                &CHALLENGE,
                &Made {
                    public_key,
                    ..made.clone()
                }
            ),
            Err(WebAuthnError::Key)
        );
    }
    let answer = Device::new(Key::es256(), "webauthn.get").answers();
    for signature in [Vec::new(), vec![0; 64], vec![0x30; MAX_PART_LEN]] {
        assert_eq!(
            SITE.answered(
                &CHALLENGE,
                &whole,
                0,
                &Answered {
                    signature,
                    ..answer.clone()
                }
            ),
            Err(WebAuthnError::Signature)
        );
    }
}
