//! Unit tests of `webauthn`: when a new passkey is accepted.

use super::{CHALLENGE, Device, Key, SITE};
use crate::accounts::factors::passkeys::webauthn::*;

fn made(change: fn(&mut Device)) -> Result<u32, WebAuthnError> {
    let mut device = Device::new(Key::es256(), "webauthn.create");
    change(&mut device);
    SITE.made(&CHALLENGE, &device.makes())
}

#[test]
fn a_passkey_is_made_only_as_it_was_asked_for() {
    assert_eq!(made(|_| ()), Ok(1));
    assert_eq!(
        made(|device| device.more = r#","crossOrigin":false,"other_keys_can_be_added_here":"x""#),
        Ok(1)
    );
    assert_eq!(
        made(|device| device.flags |= BACKUP_ELIGIBLE | BACKED_UP),
        Ok(1)
    );
    assert_eq!(
        made(|device| device.kind = "webauthn.get"),
        Err(WebAuthnError::Type)
    );
    assert_eq!(
        made(|device| device.challenge[31] ^= 1),
        Err(WebAuthnError::Challenge)
    );
    assert_eq!(
        made(|device| device.challenge.clear()),
        Err(WebAuthnError::Challenge)
    );
    for origin in [
        "https://polls.example.org:8443",
        "http://polls.example.org",
        "https://evil.example",
        "https://polls.example.org/",
        "",
    ] {
        let device = Device {
            origin,
            ..Device::new(Key::es256(), "webauthn.create")
        };
        assert_eq!(
            SITE.made(&CHALLENGE, &device.makes()),
            Err(WebAuthnError::Origin),
            "{origin}"
        );
    }
    assert_eq!(
        made(|device| device.more = r#","crossOrigin":true"#),
        Err(WebAuthnError::Framed)
    );
    assert_eq!(
        made(|device| device.more = r#","topOrigin":"https://evil.example""#),
        Err(WebAuthnError::Framed)
    );
    assert_eq!(
        made(|device| device.more = r#","type":"webauthn.create""#),
        Err(WebAuthnError::BodyError)
    );
    assert_eq!(
        made(|device| device.site = "example.org"),
        Err(WebAuthnError::Site)
    );
    assert_eq!(
        made(|device| device.flags &= !USER_PRESENT),
        Err(WebAuthnError::Absent)
    );
    assert_eq!(
        made(|device| device.flags |= BACKED_UP),
        Err(WebAuthnError::Backup)
    );
    assert_eq!(
        made(|device| device.flags &= !CREDENTIAL_ATTESTED),
        Err(WebAuthnError::Credential)
    );
    assert_eq!(
        made(|device| device.beside[0] ^= 1),
        Err(WebAuthnError::Credential)
    );
    assert_eq!(
        made(|device| (device.inside, device.beside) = (Vec::new(), Vec::new())),
        Err(WebAuthnError::Credential)
    );
    assert_eq!(
        made(|device| (device.inside, device.beside) = (
            vec![7; MAX_CREDENTIAL_ID_LEN],
            vec![7; MAX_CREDENTIAL_ID_LEN]
        )),
        Ok(1)
    );
    let too_long = |device: &mut Device| {
        (device.inside, device.beside) = (
            vec![7; MAX_CREDENTIAL_ID_LEN + 1],
            vec![7; MAX_CREDENTIAL_ID_LEN + 1],
        );
    };
    assert_eq!(made(too_long), Err(WebAuthnError::Credential));
}
