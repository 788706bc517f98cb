//! Unit tests of `webauthn`.

use data_encoding::BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

use super::*;
use crate::accounts::factors::passkeys::public_keys::{ALGORITHMS, algorithms};

const SITE: RelyingParty<'_> = RelyingParty {
    origin: "https://polls.example.org",
    id: "polls.example.org",
};
const CHALLENGE: [u8; 32] = [9; 32];

/// A simulated authenticator and browser. Each field can be set to an invalid value.
struct Device {
    key: Key,
    kind: &'static str,
    challenge: Vec<u8>,
    origin: &'static str,
    more: &'static str,
    site: &'static str,
    flags: u8,
    counter: u32,
    /// Credential id inside the authenticator data.
    inside: Vec<u8>,
    /// Credential id sent alongside it.
    beside: Vec<u8>,
    /// Message to sign instead of the correct one.
    signs: Option<&'static [u8]>,
}

enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Key {
    fn es256() -> Self {
        let random = SystemRandom::new();
        let file = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        Self::Es256(
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, file.as_ref(), &random)
                .unwrap(),
        )
    }

    fn eddsa() -> Self {
        Self::EdDsa(
            Ed25519KeyPair::from_pkcs8(
                Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
                    .unwrap()
                    .as_ref(),
            )
            .unwrap(),
        )
    }

    fn public(&self) -> Vec<u8> {
        match self {
            Self::Es256(pair) => [ALGORITHMS[0].prefix, pair.public_key().as_ref()].concat(),
            Self::EdDsa(pair) => [ALGORITHMS[1].prefix, pair.public_key().as_ref()].concat(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

impl Device {
    fn new(key: Key, kind: &'static str) -> Self {
        Self {
            key,
            kind,
            challenge: CHALLENGE.to_vec(),
            origin: SITE.origin,
            more: "",
            site: SITE.id,
            flags: USER_PRESENT | CREDENTIAL_ATTESTED,
            counter: 1,
            inside: vec![7; 16],
            beside: vec![7; 16],
            signs: None,
        }
    }

    fn client_data(&self) -> Vec<u8> {
        let Self {
            kind, origin, more, ..
        } = self;
        let challenge = BASE64URL_NOPAD.encode(&self.challenge);
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#)
            .into_bytes()
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let head = [
            digest(self.site.as_bytes()).as_slice(),
            &[self.flags],
            &self.counter.to_be_bytes(),
        ]
        .concat();
        let length = u16::try_from(self.inside.len()).unwrap().to_be_bytes();
        [
            head.as_slice(),
            &[0; 16],
            &length,
            &self.inside,
            b"a key in CBOR",
        ]
        .concat()
    }

    fn makes(&self) -> Made {
        let (client_data, authenticator_data) = (self.client_data(), self.authenticator_data());
        Made {
            credential: self.beside.clone(),
            client_data,
            authenticator_data,
            public_key: self.key.public(),
        }
    }

    fn answers(&self) -> Answered {
        let (client_data, authenticator_data) =
            (self.client_data(), self.authenticator_data()[..37].to_vec());
        let signed = [authenticator_data.as_slice(), &digest(&client_data)].concat();
        let signature = self.key.sign(self.signs.unwrap_or(&signed));
        Answered {
            credential: self.beside.clone(),
            client_data,
            authenticator_data,
            signature,
        }
    }
}

fn made(change: fn(&mut Device)) -> Result<u32, WebAuthnError> {
    let mut device = Device::new(Key::es256(), "webauthn.create");
    change(&mut device);
    SITE.made(&CHALLENGE, &device.makes())
}

/// Verifies an assertion by a passkey whose last known counter is `before`.
fn answered(before: u32, change: fn(&mut Device)) -> Result<u32, WebAuthnError> {
    let mut device = Device::new(Key::es256(), "webauthn.get");
    let key = device.key.public();
    change(&mut device);
    SITE.answered(&CHALLENGE, &key, before, &device.answers())
}

#[test]
fn passkeys_of_each_kind_are_made_and_answer() {
    for new in [Key::es256, Key::eddsa] {
        let mut device = Device::new(new(), "webauthn.create");
        assert_eq!(SITE.made(&CHALLENGE, &device.makes()), Ok(1));
        device.kind = "webauthn.get";
        let key = device.key.public();
        assert_eq!(SITE.answered(&CHALLENGE, &key, 0, &device.answers()), Ok(1));
        assert_eq!(
            SITE.answered(&CHALLENGE, &new().public(), 0, &device.answers()),
            Err(WebAuthnError::Signature)
        );
    }
    // RS256 signatures can't be made here; this one was made with OpenSSL.
    let device = Device {
        more: ",\"crossOrigin\":false",
        flags: 5,
        ..Device::new(Key::es256(), "webauthn.get")
    };
    let mut answer = device.answers();
    answer.signature = BASE64.decode(RS256_SIGNATURE).unwrap();
    let key = BASE64.decode(RS256_KEY).unwrap();
    assert_eq!(SITE.answered(&CHALLENGE, &key, 0, &answer), Ok(1));
    answer.signature[9] ^= 1;
    assert_eq!(
        SITE.answered(&CHALLENGE, &key, 0, &answer),
        Err(WebAuthnError::Signature)
    );
    assert_eq!(algorithms().collect::<Vec<_>>(), [-7, -8, -257]);
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

// Made with `openssl genrsa 2048` and `openssl dgst -sha256 -sign`, over what the device in the
// test signs.
const RS256_KEY: &[u8] = b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqydgHaM59Fc2jANXOIOu52x4zrH0xcLOWs4rfqiTMNWTwr6x/qOYw5hZxFuBBjoIuUGfLTXPubppoMhDPgXWjFNeK6NqzPeIFGeY9vNkZxo/DO1Yw6/lqptKT7PDzvickxXe5hLAz7cZgwbvOcwN4Fgt11ypA88woZ4vL+zix5Onne8eqPxN8U3K+p78g7Ox5D32zlEdbwBIrxTzOYfK/9uG3TVRK/htkFFi/Da0cpBVsMqzXQIeljdu2SapbkhuR01/F28JL9TcuE/nsg4oCgExfT46NgWYWylWOR8wJGrIpWjy8uYcbkGpWNy3IRvu4cBpB2nBjIIp+YHiP0F6mwIDAQAB";
const RS256_SIGNATURE: &[u8] = b"ovDGbN30XilmQ+PsZmoJl7QH2CTg4H1oiySpHQHLaqnuQFcfvP4Zv2Oqa0Ty4ENH4Z0NhgDZt42njwcSCZ83MHvuLGYF3SlGgPb5BWO/s+nW/cBTV7bs4XV0Y+U3KaD1jreCC+yvFcTGxkNaSorgpii6hIu5C4dR8dw8IsUyytOSHa2HSyX/s8ukgHVMF4rS1LhB9buJGSesTnai9+88E8le0hgb8baVVlNEM9UlAQPXh81MvHCNSr9wOQxS2Vxp5S8A9Ea9roqWUo6VuLvA3anJTCI8aHE8534FLqj3nnywH6OtNVWT/RmRBQD3AkbORD3kv7A6fRys8HsN01LM7g==";
