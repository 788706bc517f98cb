//! Key algorithms accepted for passkeys, and keys as `SubjectPublicKeyInfo`.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};

use crate::accounts::factors::passkeys::flaw::WebAuthnError;

/// A key algorithm: its COSE number, and the `SubjectPublicKeyInfo` (RFC 5280) prefix and length
/// that all its keys share.
pub(crate) struct Kind {
    cose: i64,
    pub(super) prefix: &'static [u8],
    length: usize,
    algorithm: &'static dyn VerificationAlgorithm,
}

/// Accepted algorithms, in order of preference. The best known comes first, because some browsers
/// return no public key for the others.
pub(crate) static ALGORITHMS: [Kind; 3] = [
    // ES256: ECDSA on P-256 with SHA-256.
    Kind {
        cose: -7,
        prefix: b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00",
        length: 91,
        algorithm: &ECDSA_P256_SHA256_ASN1,
    },
    // EdDSA: Ed25519.
    Kind { cose: -8, prefix: b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", length: 44, algorithm: &ED25519 },
    // RS256: 2,048-bit RSA with SHA-256, used by older Windows machines.
    Kind {
        cose: -257,
        prefix: b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x82\x01\x0f\x00",
        length: 294,
        algorithm: &RSA_PKCS1_2048_8192_SHA256,
    },
];

/// Returns the COSE numbers of the accepted algorithms, in order of preference.
pub fn algorithms() -> impl Iterator<Item = i64> {
    ALGORITHMS.iter().map(|kind| kind.cose)
}

/// Returns the `SubjectPublicKeyInfo` of a raw key. `None` if the algorithm is not accepted or the
/// length is wrong.
pub(crate) fn to_spki(cose: i64, key: &[u8]) -> Option<Vec<u8>> {
    let kind = ALGORITHMS.iter().find(|kind| kind.cose == cose)?;
    Some([kind.prefix, key].concat()).filter(|info| info.len() == kind.length)
}

/// Extracts the public key from a `SubjectPublicKeyInfo`.
pub(crate) fn public_key(spki: &[u8]) -> Result<UnparsedPublicKey<&[u8]>, WebAuthnError> {
    let kind = ALGORITHMS
        .iter()
        .find(|kind| spki.len() == kind.length && spki.starts_with(kind.prefix))
        .ok_or(WebAuthnError::Key)?;
    Ok(UnparsedPublicKey::new(
        kind.algorithm,
        &spki[kind.prefix.len()..],
    ))
}
