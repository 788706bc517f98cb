//! An authenticator with one passkey, as a browser sees it.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use pollstr::platform::crypto::{digest, random};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

pub(crate) type Fields = Vec<(&'static str, String)>;

/// An authenticator with one passkey, and its browser.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) id: Vec<u8>,
    pub(crate) file: Vec<u8>,
    pub(crate) counter: u32,
}

impl Device {
    pub(crate) fn new() -> Self {
        let file =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
                .unwrap();
        Self {
            id: random::<16>().to_vec(),
            file: file.as_ref().to_vec(),
            counter: 0,
        }
    }

    pub(crate) fn pair(&self) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &self.file,
            &SystemRandom::new(),
        )
        .unwrap()
    }

    pub(crate) fn client_data(kind: &str, question: &Value) -> Vec<u8> {
        let challenge = BASE64URL_NOPAD.encode(
            &BASE64
                .decode(question["challenge"]["bytes"].as_str().unwrap().as_bytes())
                .unwrap(),
        );
        let data = json!({ "type": kind, "challenge": challenge, "origin": "http://localhost", "crossOrigin": false });
        data.to_string().into_bytes()
    }

    pub(crate) fn head(&self, flags: u8) -> Vec<u8> {
        [
            digest(b"localhost").as_slice(),
            &[flags],
            &self.counter.to_be_bytes(),
        ]
        .concat()
    }

    /// Returns what the browser sends on registration.
    pub(crate) fn makes(&self, question: &Value) -> Fields {
        let spki = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        vec![
            ("credential", BASE64.encode(&self.id)),
            (
                "client_data",
                BASE64.encode(&Self::client_data("webauthn.create", question)),
            ),
            (
                "authenticator_data",
                BASE64.encode(&[&self.head(0x45), [0; 16].as_slice(), &length, &self.id].concat()),
            ),
            (
                "public_key",
                BASE64.encode(&[spki.as_slice(), self.pair().public_key().as_ref()].concat()),
            ),
        ]
    }

    /// Returns what a browser extension sends that only exposes the attestation object.
    pub(crate) fn makes_attested(&self, question: &Value) -> Fields {
        let pair = self.pair();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let cose = [
            b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(),
            x,
            b"\x22\x58\x20",
            y,
        ]
        .concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [
            &self.head(0x45),
            [0; 16].as_slice(),
            &length,
            &self.id,
            &cose,
        ]
        .concat();
        let object = [
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(),
            &[u8::try_from(data.len()).unwrap()],
            &data,
        ]
        .concat();
        let told = [
            ("authenticator_data", String::new()),
            ("public_key", String::new()),
            ("attestation", BASE64.encode(&object)),
        ];
        [self.makes(question)[..2].to_vec(), told.to_vec()].concat()
    }

    /// Returns what the browser sends on authentication.
    pub(crate) fn answers(&self, question: &Value) -> Fields {
        let (client_data, data) = (Self::client_data("webauthn.get", question), self.head(5));
        let signature = self
            .pair()
            .sign(
                &SystemRandom::new(),
                &[data.as_slice(), &digest(&client_data)].concat(),
            )
            .unwrap();
        vec![
            ("credential", BASE64.encode(&self.id)),
            ("client_data", BASE64.encode(&client_data)),
            ("authenticator_data", BASE64.encode(&data)),
            ("signature", BASE64.encode(signature.as_ref())),
        ]
    }
}
