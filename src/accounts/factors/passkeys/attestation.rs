//! Parses the attestation object of a new passkey, for browser extensions that return nothing else.
//!
//! Web Authentication, Level 3: the object is a CBOR map (section 6.5.4). It contains the
//! authenticator data, in which the COSE public key (RFC 9053) follows the credential id. The
//! attestation statement itself is not verified.

use ciborium::Value;

use crate::accounts::factors::passkeys::public_keys::to_spki;
use crate::accounts::factors::passkeys::webauthn::{AuthenticatorData, Made};

/// Maximum size of an attestation object, in bytes. It may hold certificates, since some passkeys
/// are attested even though no attestation was requested.
const LONGEST: usize = 16_384;

/// Fills in the authenticator data and public key from the attestation object if the browser did
/// not return them separately. What can't be found stays empty, and the registration is refused
/// like any other incomplete one.
#[must_use]
pub(crate) fn completed(made: Made, object: &[u8]) -> Made {
    if !made.authenticator_data.is_empty() && !made.public_key.is_empty() {
        return made;
    }
    let Some(authenticator_data) = authenticator_data(object) else {
        return made;
    };
    let public_key = AuthenticatorData::parse(&authenticator_data)
        .and_then(|data| public_key(data.key()?))
        .unwrap_or_default();
    Made {
        authenticator_data,
        public_key,
        ..made
    }
}

fn authenticator_data(object: &[u8]) -> Option<Vec<u8>> {
    if object.len() > LONGEST {
        return None;
    }
    let Value::Map(entries) = ciborium::from_reader(object).ok()? else {
        return None;
    };
    let (_, data) = entries
        .into_iter()
        .find(|(name, _)| name.as_text() == Some("authData"))?;
    data.into_bytes().ok()
}

/// Converts a COSE key to a `SubjectPublicKeyInfo`. `None` if its algorithm was not requested.
fn public_key(cose: &[u8]) -> Option<Vec<u8>> {
    let Value::Map(entries) = ciborium::from_reader(cose).ok()? else {
        return None;
    };
    let part = |label: i64| {
        entries
            .iter()
            .find(|(name, _)| *name == Value::from(label))
            .map(|(_, value)| value)
    };
    let bytes = |label: i64| part(label)?.as_bytes().map(Vec::as_slice);
    let algorithm = i64::try_from(part(3)?.as_integer()?).ok()?;
    let key = match algorithm {
        // An uncompressed P-256 point: the prefix 4, then both coordinates.
        -7 => [&[4], bytes(-2)?, bytes(-3)?].concat(),
        -8 => bytes(-2)?.to_vec(),
        // A 2,048-bit modulus, and the usual exponent 65537.
        -257 if bytes(-2)? == [1, 0, 1] => [
            b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00".as_slice(),
            bytes(-1)?,
            b"\x02\x03\x01\x00\x01".as_slice(),
        ]
        .concat(),
        _ => return None,
    };
    to_spki(algorithm, &key)
}

#[cfg(test)]
#[path = "attestation_tests.rs"]
mod tests;
