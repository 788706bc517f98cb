//! What a passkey answers, held against the W3C's Web Authentication, Level 3; its sections are named where they count.
//!
//! Pollstr asks for no attestation, and browsers hand the public key out by itself, so answers are strings of bytes with fixed places
//! and a little JSON: no CBOR is read here, but in `attestation.rs`. Nor is there a database or a clock.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use crate::accounts::factors::passkeys::flaw::Flaw;
use crate::accounts::factors::passkeys::public_keys::public_key;
use crate::platform::crypto::digest;

/// The longest id of a credential (section 7.1).
const LONGEST_ID: usize = 1_023;
/// More than any other part of an answer needs.
const LONGEST_PART: usize = 4_096;

// Flags of the authenticator's data (section 6.1).
const USER_PRESENT: u8 = 1;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const CREDENTIAL_ATTESTED: u8 = 1 << 6;

/// What a browser hands out when a passkey was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// By what it is named.
    pub credential: Vec<u8>,
    /// What the browser saw.
    pub client_data: Vec<u8>,
    /// What the authenticator saw.
    pub authenticator_data: Vec<u8>,
    /// The key, as a `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
}

/// What a browser hands out when a passkey has answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// By what it is named.
    pub credential: Vec<u8>,
    /// What the browser saw.
    pub client_data: Vec<u8>,
    /// What the authenticator saw.
    pub authenticator_data: Vec<u8>,
    /// That it was this passkey.
    pub signature: Vec<u8>,
}

/// The site that passkeys are for.
#[derive(Clone, Copy, Debug)]
pub struct RelyingParty<'a> {
    /// Its one origin.
    pub origin: &'a str,
    /// Its name: the host of the origin.
    pub id: &'a str,
}

impl RelyingParty<'_> {
    /// A passkey was made (section 7.1). Tells how many answers it has counted.
    ///
    /// The key need not be compared with the one inside the authenticator's data: neither is attested, and both come from the browser.
    ///
    /// # Errors
    /// The first flaw.
    pub fn made(&self, challenge: &[u8], made: &Made) -> Result<u32, Flaw> {
        self.client("webauthn.create", challenge, &made.client_data)?;
        let data = self.authenticator(&made.authenticator_data)?;
        let credential = data.credential().ok_or(Flaw::Credential)?;
        if credential != made.credential || credential.is_empty() || credential.len() > LONGEST_ID {
            return Err(Flaw::Credential);
        }
        public_key(&made.public_key)?;
        Ok(data.counter)
    }

    /// A passkey has answered (section 7.2), the one with this key, which had counted so many answers before. Tells how many it has now.
    ///
    /// # Errors
    /// The first flaw.
    pub fn answered(
        &self,
        challenge: &[u8],
        key: &[u8],
        before: u32,
        answer: &Answered,
    ) -> Result<u32, Flaw> {
        self.client("webauthn.get", challenge, &answer.client_data)?;
        let counter = self.authenticator(&answer.authenticator_data)?.counter;
        let signed = [
            answer.authenticator_data.as_slice(),
            &digest(&answer.client_data),
        ]
        .concat();
        public_key(key)?
            .verify(&signed, &answer.signature)
            .map_err(|_| Flaw::Signature)?;
        // Those that do not count say nought for ever (section 6.1.1).
        if counter <= before && (counter, before) != (0, 0) {
            return Err(Flaw::Counter);
        }
        Ok(counter)
    }

    /// What the browser saw (section 5.8.1).
    fn client(&self, kind: &str, challenge: &[u8], data: &[u8]) -> Result<(), Flaw> {
        let data: ClientData = at_most(data)
            .and_then(|data| serde_json::from_slice(data).ok())
            .ok_or(Flaw::Unreadable)?;
        if data.kind != kind {
            return Err(Flaw::Type);
        }
        // The page that asked shows the challenge, so how long it takes to compare tells nobody anything.
        if data.challenge != BASE64URL_NOPAD.encode(challenge) {
            return Err(Flaw::Challenge);
        }
        if data.origin != self.origin {
            return Err(Flaw::Origin);
        }
        if data.cross_origin || data.top_origin.is_some() {
            return Err(Flaw::Framed);
        }
        Ok(())
    }

    /// What the authenticator saw (section 6.1).
    fn authenticator<'a>(&self, data: &'a [u8]) -> Result<AuthenticatorData<'a>, Flaw> {
        let data = at_most(data)
            .and_then(AuthenticatorData::parse)
            .ok_or(Flaw::Unreadable)?;
        if data.site != &digest(self.id.as_bytes()) {
            return Err(Flaw::Site);
        }
        // Whether a finger, a face or a screen lock was asked for is up to the device: the password was typed before.
        if !data.has(USER_PRESENT) {
            return Err(Flaw::Absent);
        }
        if data.has(BACKED_UP) && !data.has(BACKUP_ELIGIBLE) {
            return Err(Flaw::Backup);
        }
        Ok(data)
    }
}

fn at_most(part: &[u8]) -> Option<&[u8]> {
    (part.len() <= LONGEST_PART).then_some(part)
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

    /// The id of the passkey that was made (section 6.5.1): behind the authenticator's model, with its length before it.
    fn credential(&self) -> Option<&'a [u8]> {
        self.attested().map(|(id, _)| id)
    }

    /// What follows behind the id: the key in COSE, and what an extension says.
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
#[path = "webauthn_tests.rs"]
mod tests;
