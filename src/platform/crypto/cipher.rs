//! Authenticated encryption: XChaCha20-Poly1305 with a random nonce before the ciphertext.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::platform::crypto::hash::random;

pub(super) fn seal(cipher: &XChaCha20Poly1305, bound: &[u8], bytes: &[u8]) -> Vec<u8> {
    let nonce = random::<24>();
    let sealed = cipher.encrypt(
        &XNonce::from(nonce),
        Payload {
            msg: bytes,
            aad: bound,
        },
    );
    // Encryption fails only for messages of many gigabytes; an empty result never decrypts.
    sealed
        .map(|sealed| [nonce.as_slice(), &sealed].concat())
        .unwrap_or_default()
}

pub(super) fn open(cipher: &XChaCha20Poly1305, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
    cipher
        .decrypt(
            &XNonce::from(*nonce),
            Payload {
                msg: sealed,
                aad: bound,
            },
        )
        .ok()
}
