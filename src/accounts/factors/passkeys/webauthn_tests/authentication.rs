//! Unit tests of `webauthn`: when an assertion is accepted.

use super::{CHALLENGE, Device, Key, SITE};
use crate::accounts::factors::passkeys::webauthn::*;

/// Verifies an assertion by a passkey whose last known counter is `before`.
fn answered(before: u32, change: fn(&mut Device)) -> Result<u32, WebAuthnError> {
    let mut device = Device::new(Key::es256(), "webauthn.get");
    let key = device.key.public();
    change(&mut device);
    SITE.answered(&CHALLENGE, &key, before, &device.answers())
}

#[test]
fn a_passkey_answers_only_what_it_was_asked() {
    assert_eq!(answered(0, |_| ()), Ok(1));
    assert_eq!(
        answered(0, |device| device.kind = "webauthn.create"),
        Err(WebAuthnError::Type)
    );
    assert_eq!(
        answered(0, |device| device.challenge[0] ^= 1),
        Err(WebAuthnError::Challenge)
    );
    assert_eq!(
        answered(0, |device| device.origin = "https://evil.example"),
        Err(WebAuthnError::Origin)
    );
    assert_eq!(
        answered(0, |device| device.more = r#","crossOrigin":true"#),
        Err(WebAuthnError::Framed)
    );
    assert_eq!(
        answered(0, |device| device.site = "evil.example"),
        Err(WebAuthnError::Site)
    );
    assert_eq!(
        answered(0, |device| device.flags = 0),
        Err(WebAuthnError::Absent)
    );
    assert_eq!(
        answered(0, |device| device.flags |= BACKED_UP),
        Err(WebAuthnError::Backup)
    );
    assert_eq!(
        answered(0, |device| device.signs = Some(b"something else")),
        Err(WebAuthnError::Signature)
    );
    assert_eq!(
        answered(0, |device| device.key = Key::es256()),
        Err(WebAuthnError::Signature)
    );
}

#[test]
fn a_counter_moves_forward_or_stays_at_nought_for_ever() {
    assert_eq!(answered(0, |device| device.counter = 0), Ok(0));
    assert_eq!(answered(1, |device| device.counter = 2), Ok(2));
    assert_eq!(
        answered(1, |device| device.counter = u32::MAX),
        Ok(u32::MAX)
    );
    assert_eq!(
        answered(1, |device| device.counter = 1),
        Err(WebAuthnError::Counter)
    );
    assert_eq!(
        answered(2, |device| device.counter = 1),
        Err(WebAuthnError::Counter)
    );
    assert_eq!(
        answered(1, |device| device.counter = 0),
        Err(WebAuthnError::Counter)
    );
}
