//! Unit tests of `webauthn`.

mod algorithms;
mod authentication;
mod malformed;
mod registration;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

use super::*;
use crate::accounts::factors::passkeys::public_keys::ALGORITHMS;

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
