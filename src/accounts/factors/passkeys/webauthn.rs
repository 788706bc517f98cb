//! Verifies passkey responses according to W3C Web Authentication, Level 3, whose sections are
//! cited below.
//!
//! Pollstr requests no attestation, and browsers return the public key separately, so responses are
//! byte strings with a fixed layout and a little JSON. CBOR is only parsed in `attestation.rs`.
//! This module uses neither database nor clock.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use crate::accounts::factors::passkeys::flaw::WebAuthnError;
use crate::accounts::factors::passkeys::public_keys::public_key;
use crate::platform::crypto::digest;

/// Maximum length of a credential id, in bytes (section 7.1).
const MAX_CREDENTIAL_ID_LEN: usize = 1_023;
/// Maximum length of any other part of a response, in bytes.
const MAX_PART_LEN: usize = 4_096;

// Authenticator data flags (section 6.1).
const USER_PRESENT: u8 = 1;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const CREDENTIAL_ATTESTED: u8 = 1 << 6;

/// Registration response: what the browser returns for a new passkey.
#[derive(Clone, Debug)]
pub struct Made {
    /// Credential id.
    pub credential: Vec<u8>,
    /// Client data, as JSON.
    pub client_data: Vec<u8>,
    /// Authenticator data.
    pub authenticator_data: Vec<u8>,
    /// Public key, as a `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
}

/// Assertion response: what the browser returns when a passkey has signed a challenge.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Credential id.
    pub credential: Vec<u8>,
    /// Client data, as JSON.
    pub client_data: Vec<u8>,
    /// Authenticator data.
    pub authenticator_data: Vec<u8>,
    /// Signature over the authenticator data and the hash of the client data.
    pub signature: Vec<u8>,
}

/// The site, as a WebAuthn relying party.
#[derive(Clone, Copy, Debug)]
pub struct RelyingParty<'a> {
    /// The site's only origin.
    pub origin: &'a str,
    /// Relying party id: the host of the origin.
    pub id: &'a str,
}

impl RelyingParty<'_> {
    /// Verifies the registration of a new passkey (section 7.1). Returns its signature counter.
    ///
    /// The public key isn't compared with the one in the authenticator data: neither is attested,
    /// and both come from the browser.
    ///
    /// # Errors
    /// The first flaw found.
    pub fn made(&self, challenge: &[u8], made: &Made) -> Result<u32, WebAuthnError> {
        self.client("webauthn.create", challenge, &made.client_data)?;
        let data = self.authenticator(&made.authenticator_data)?;
        let credential = data.credential().ok_or(WebAuthnError::Credential)?;
        if credential != made.credential
            || credential.is_empty()
            || credential.len() > MAX_CREDENTIAL_ID_LEN
        {
            return Err(WebAuthnError::Credential);
        }
        public_key(&made.public_key)?;
        Ok(data.counter)
    }

    /// Verifies an assertion (section 7.2) by the passkey with this key. `before` is its last known
    /// signature counter; returns the new one.
    ///
    /// # Errors
    /// The first flaw found.
    pub fn answered(
        &self,
        challenge: &[u8],
        key: &[u8],
        before: u32,
        answer: &Answered,
    ) -> Result<u32, WebAuthnError> {
        self.client("webauthn.get", challenge, &answer.client_data)?;
        let counter = self.authenticator(&answer.authenticator_data)?.counter;
        let signed = [
            answer.authenticator_data.as_slice(),
            &digest(&answer.client_data),
        ]
        .concat();
        public_key(key)?
            .verify(&signed, &answer.signature)
            .map_err(|_| WebAuthnError::Signature)?;
        // Passkeys without a counter always report 0 (section 6.1.1).
        if counter <= before && (counter, before) != (0, 0) {
            return Err(WebAuthnError::Counter);
        }
        Ok(counter)
    }

    /// Checks the client data (section 5.8.1).
    fn client(&self, kind: &str, challenge: &[u8], data: &[u8]) -> Result<(), WebAuthnError> {
        let data: ClientData = at_most(data)
            .and_then(|data| serde_json::from_slice(data).ok())
            .ok_or(WebAuthnError::BodyError)?;
        if data.kind != kind {
            return Err(WebAuthnError::Type);
        }
        // The challenge is visible in the page, so the comparison needn't be constant-time.
        if data.challenge != BASE64URL_NOPAD.encode(challenge) {
            return Err(WebAuthnError::Challenge);
        }
        if data.origin != self.origin {
            return Err(WebAuthnError::Origin);
        }
        if data.cross_origin || data.top_origin.is_some() {
            return Err(WebAuthnError::Framed);
        }
        Ok(())
    }

    /// Checks the authenticator data (section 6.1).
    fn authenticator<'a>(&self, data: &'a [u8]) -> Result<AuthenticatorData<'a>, WebAuthnError> {
        let data = at_most(data)
            .and_then(AuthenticatorData::parse)
            .ok_or(WebAuthnError::BodyError)?;
        if data.site != &digest(self.id.as_bytes()) {
            return Err(WebAuthnError::Site);
        }
        // User verification by fingerprint, face or screen lock is up to the device: the password
        // was checked before.
        if !data.has(USER_PRESENT) {
            return Err(WebAuthnError::Absent);
        }
        if data.has(BACKED_UP) && !data.has(BACKUP_ELIGIBLE) {
            return Err(WebAuthnError::Backup);
        }
        Ok(data)
    }
}

fn at_most(part: &[u8]) -> Option<&[u8]> {
    (part.len() <= MAX_PART_LEN).then_some(part)
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<String>,
}

pub(crate) struct AuthenticatorData<'a> {
    site: &'a [u8; 32],
    flags: u8,
    counter: u32,
    rest: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub(crate) fn parse(data: &'a [u8]) -> Option<Self> {
        let (site, rest) = data.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (counter, rest) = rest.split_first_chunk::<4>()?;
        Some(Self {
            site,
            flags: *flags,
            counter: u32::from_be_bytes(*counter),
            rest,
        })
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Returns the id of the new credential (section 6.5.1), which follows the 16-byte
    /// authenticator model and a two-byte length.
    fn credential(&self) -> Option<&'a [u8]> {
        self.attested().map(|(id, _)| id)
    }

    /// Returns what follows the credential id: the COSE key, and any extension output.
    pub(crate) fn key(&self) -> Option<&'a [u8]> {
        self.attested().map(|(_, key)| key)
    }

    fn attested(&self) -> Option<(&'a [u8], &'a [u8])> {
        let (_model, rest) = self
            .rest
            .split_first_chunk::<16>()
            .filter(|_| self.has(CREDENTIAL_ATTESTED))?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        rest.split_at_checked(u16::from_be_bytes(*length).into())
    }
}

#[cfg(test)]
#[path = "webauthn_tests/mod.rs"]
mod tests;
