//! The secret file, and the keys that are derived from it.
//!
//! One file of 32 random bytes stands behind every number, mark and token. It is made at the first start and must stay with its
//! database: a check value in the database tells a wrong file from the right one before anything is served.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use thiserror::Error;

type HmacSha256 = Hmac<Sha256>;

/// 32 bytes of HMAC-SHA256.
pub type Mac32 = [u8; 32];

/// `N` bytes that nobody can guess.
///
/// # Panics
/// When the kernel's source fails, which it does not once the machine is up: no key would be safe, and stopping is right.
#[must_use]
#[expect(clippy::expect_used, reason = "without randomness nothing here is safe to go on with")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random source must work");
    bytes
}

/// SHA-256, for what is random enough to need no key: session ids and receipts.
#[must_use]
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Why the keys cannot be had.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file is there and is none of ours, or cannot be read or made.
    #[error("POLLSTR_SECRET_FILE: {0}")]
    File(String),
    /// The database belongs to another secret.
    #[error("POLLSTR_SECRET_FILE: this is not the secret that the database was made with; put the right file back")]
    Mismatch,
    /// The database belongs to a secret that is not here.
    #[error("POLLSTR_SECRET_FILE: the database was made with a secret, and the file is missing; put it back from where you keep it")]
    Missing,
}

/// The keys: one for each use, so that a value made for one use means nothing in another.
#[derive(Clone)]
pub struct Keys {
    master: [u8; 32],
    csrf: HmacSha256,
    voter: HmacSha256,
    number: HmacSha256,
    passkey: HmacSha256,
    prefix: HmacSha256,
    address: HmacSha256,
    cipher: XChaCha20Poly1305,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Derives the keys from the secret.
    #[must_use]
    pub fn derive(master: [u8; 32]) -> Self {
        let root = keyed(&master);
        let key = |purpose: &str| mac(&root, &[purpose.as_bytes()]);
        Self {
            master,
            csrf: keyed(&key("csrf")),
            voter: keyed(&key("voter")),
            number: keyed(&key("number")),
            passkey: keyed(&key("passkey")),
            prefix: keyed(&key("number prefix")),
            address: keyed(&key("known address")),
            cipher: XChaCha20Poly1305::new(&key("number at rest").into()),
        }
    }

    /// Reads the secret file, or makes it where the database does not know one yet. `known` is the database's check value.
    ///
    /// # Errors
    /// When the file is missing, unreadable, or belongs to another database.
    pub fn open(file: &Path, known: Option<&str>) -> Result<Self, KeyError> {
        let keys = match fs::read_to_string(file) {
            Ok(text) => Self::derive(parse(&text).ok_or_else(|| KeyError::File(format!("{} is no secret of Pollstr", file.display())))?),
            Err(error) if error.kind() == ErrorKind::NotFound && known.is_some() => return Err(KeyError::Missing),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let keys = Self::derive(random());
                write(file, &keys.master).map_err(|error| KeyError::File(format!("{}: {error}", file.display())))?;
                keys
            }
            Err(error) => return Err(KeyError::File(format!("{}: {error}", file.display()))),
        };
        if known.is_some_and(|known| known != keys.check_value()) { Err(KeyError::Mismatch) } else { Ok(keys) }
    }

    /// What the database keeps, to know its secret again. It gives nothing of the secret away.
    #[must_use]
    pub fn check_value(&self) -> String {
        HEXLOWER.encode(&mac(&keyed(&self.master), &[b"check value"]))
    }

    /// Who voted, as a poll remembers it: the same number leaves unlinkable marks in two polls.
    #[must_use]
    pub fn voter(&self, poll: &str, e164: &str) -> Mac32 {
        mac(&self.voter, &[poll.as_bytes(), b"\0", e164.as_bytes()])
    }

    /// A number in the form in which it can be found, but not read.
    #[must_use]
    pub fn number(&self, e164: &str) -> Mac32 {
        mac(&self.number, &[e164.as_bytes()])
    }

    /// The beginning of a number, which can be compared but not read: a short one in plain text would narrow down who had a code.
    #[must_use]
    pub fn prefix(&self, digits: &str) -> String {
        HEXLOWER.encode(&mac(&self.prefix, &[digits.as_bytes()]))
    }

    /// An address that an account has logged in from, which can be compared but not read.
    #[must_use]
    pub fn known_address(&self, account: i64, address: &str) -> Mac32 {
        mac(&self.address, &[&account.to_be_bytes(), address.as_bytes()])
    }

    /// What a passkey must answer in the session of this key, for this purpose. Each step up gives the session another key, so an answer
    /// that was taken is good for nothing any more.
    #[must_use]
    pub fn passkey_challenge(&self, purpose: &str, session: &[u8]) -> Mac32 {
        mac(&self.passkey, &[b"challenge\0", purpose.as_bytes(), b"\0", session])
    }

    /// By what devices know an account's passkeys for one account's. It tells nothing of the account.
    #[must_use]
    pub fn passkey_owner(&self, account: i64) -> Mac32 {
        mac(&self.passkey, &[b"owner\0", &account.to_be_bytes()])
    }

    /// A token that only this server can make, for a cookie and a nonce.
    #[must_use]
    pub fn csrf(&self, cookie: &[u8], nonce: &[u8]) -> Mac32 {
        mac(&self.csrf, &[cookie, nonce])
    }

    /// Whether a token is the one for this cookie and nonce, in a time that does not depend on how close it came.
    #[must_use]
    pub fn csrf_matches(&self, cookie: &[u8], nonce: &[u8], token: &[u8]) -> bool {
        let mut mac = self.csrf.clone();
        mac.update(cookie);
        mac.update(nonce);
        mac.verify_slice(token).is_ok()
    }

    /// Encrypts a number for rest. `owner` is bound in, so that a row copied to another account does not open.
    #[must_use]
    pub fn seal(&self, owner: i64, e164: &str) -> Vec<u8> {
        self.seal_bytes(&owner.to_be_bytes(), e164.as_bytes())
    }

    fn seal_bytes(&self, bound: &[u8], bytes: &[u8]) -> Vec<u8> {
        let nonce = random::<24>();
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad: bound });
        // Encryption fails only for messages of many gigabytes; an empty result opens as nothing.
        sealed.map(|sealed| [nonce.as_slice(), &sealed].concat()).unwrap_or_default()
    }

    /// Encrypts for rest what an account's app makes codes from. It opens as that alone: what was sealed as a number does not.
    #[must_use]
    pub fn seal_secret(&self, owner: i64, secret: &[u8]) -> Vec<u8> {
        self.seal_bytes(&secret_of(owner), secret)
    }

    /// Opens what [`Keys::seal_secret`] made; `None` when it is of another owner, another secret, or something else.
    #[must_use]
    pub fn open_secret(&self, owner: i64, sealed: &[u8]) -> Option<Vec<u8>> {
        self.open_bytes(&secret_of(owner), sealed)
    }

    /// Opens what [`Keys::seal`] made; `None` when it is of another owner or another secret.
    #[must_use]
    pub fn open_sealed(&self, owner: i64, sealed: &[u8]) -> Option<String> {
        String::from_utf8(self.open_bytes(&owner.to_be_bytes(), sealed)?).ok()
    }

    fn open_bytes(&self, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: bound }).ok()
    }
}

/// What a secret at rest is bound to: its owner, and that it is one.
fn secret_of(owner: i64) -> Vec<u8> {
    [owner.to_be_bytes().as_slice(), b"authenticator"].concat()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn keyed(key: &[u8]) -> HmacSha256 {
    <HmacSha256 as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn mac(key: &HmacSha256, parts: &[&[u8]]) -> Mac32 {
    let mut mac = key.clone();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn parse(text: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(text.trim().as_bytes()).ok()?.try_into().ok()
}

fn write(file: &Path, master: &[u8; 32]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    writeln!(file, "{}", HEXLOWER.encode(master))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_leaves_unlinkable_marks_in_two_polls() {
        let keys = Keys::derive([7; 32]);
        assert_eq!(keys.voter("dogs", "+447700900123"), keys.voter("dogs", "+447700900123"));
        assert_ne!(keys.voter("dogs", "+447700900123"), keys.voter("cats", "+447700900123"));
        assert_ne!(keys.voter("dogs", "+447700900123"), Keys::derive([8; 32]).voter("dogs", "+447700900123"));
    }

    #[test]
    fn a_passkey_is_asked_something_else_in_each_session_and_for_each_purpose() {
        let keys = Keys::derive([7; 32]);
        let challenge = keys.passkey_challenge("get", b"a session");
        assert_eq!(keys.passkey_challenge("get", b"a session"), challenge);
        assert_ne!(keys.passkey_challenge("get", b"another session"), challenge);
        assert_ne!(keys.passkey_challenge("create", b"a session"), challenge);
        assert_ne!(Keys::derive([8; 32]).passkey_challenge("get", b"a session"), challenge);
        assert_ne!(keys.passkey_owner(1), keys.passkey_owner(2));
    }

    #[test]
    fn a_sealed_number_opens_for_its_owner_alone() {
        let keys = Keys::derive([7; 32]);
        let sealed = keys.seal(1, "+447700900123");
        assert_eq!(keys.open_sealed(1, &sealed).as_deref(), Some("+447700900123"));
        assert_eq!(keys.open_sealed(2, &sealed), None);
        assert_eq!(Keys::derive([8; 32]).open_sealed(1, &sealed), None);
        assert_ne!(keys.seal(1, "+447700900123"), sealed);
        assert_eq!(keys.open_sealed(1, b"short"), None);
    }

    #[test]
    fn a_sealed_number_does_not_open_as_a_secret_nor_a_secret_as_a_number() {
        let keys = Keys::derive([7; 32]);
        let secret = keys.seal_secret(1, b"+447700900123");
        assert_eq!(keys.open_secret(1, &secret).as_deref(), Some(b"+447700900123".as_slice()));
        assert_eq!(keys.open_secret(2, &secret), None);
        assert_eq!(keys.open_sealed(1, &secret), None);
        assert_eq!(keys.open_secret(1, &keys.seal(1, "+447700900123")), None);
    }

    #[test]
    fn a_secret_is_made_once_and_known_again() {
        let file = std::env::temp_dir().join(format!("pollstr-secret-{}", HEXLOWER.encode(&random::<8>())));
        let first = Keys::open(&file, None).unwrap();
        let check = first.check_value();
        assert_eq!(Keys::open(&file, Some(&check)).unwrap().check_value(), check);
        assert!(matches!(Keys::open(&file, Some("another")), Err(KeyError::Mismatch)));
        fs::remove_file(&file).unwrap();
        assert!(matches!(Keys::open(&file, Some(&check)), Err(KeyError::Missing)));
        fs::write(&file, "nonsense").unwrap();
        assert!(matches!(Keys::open(&file, None), Err(KeyError::File(_))));
        fs::remove_file(&file).unwrap();
    }
}
