//! The secret file, and the keys that are derived from it.
//!
//! One file of 32 random bytes stands behind every number, mark and token. It is made at the first start and must stay with its
//! database: a check value in the database tells a wrong file from the right one before anything is served.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

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
#[expect(
    clippy::expect_used,
    reason = "without randomness nothing here is safe to go on with"
)]
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
    /// Others can read or change it.
    #[error(
        "POLLSTR_SECRET_FILE: {file} is open to others than its owner (mode {mode:04o}); run: chmod {right} {file}"
    )]
    Open {
        /// Where it is.
        file: String,
        /// Its permissions.
        mode: u32,
        /// What they should be: what the owner may do now, and nothing else.
        right: &'static str,
    },
    /// The database belongs to another secret.
    #[error("POLLSTR_SECRET_FILE: {} is not the secret that the database was made with; put the right file back", .0.display())]
    Mismatch(PathBuf),
    /// The database belongs to a secret that is not here.
    #[error("POLLSTR_SECRET_FILE: the database was made with a secret, and {} is missing; put it back from where you keep it", .0.display())]
    Missing(PathBuf),
}

/// The keys: one for each use, so that a value made for one use means nothing in another.
#[derive(Clone)]
pub struct Keys {
    master: [u8; 32],
    csrf: HmacSha256,
    voter: HmacSha256,
    voting_account: HmacSha256,
    number: HmacSha256,
    passkey: HmacSha256,
    receipt: HmacSha256,
    form: HmacSha256,
    sent_form: HmacSha256,
    viewer: HmacSha256,
    prefix: HmacSha256,
    address: HmacSha256,
    cipher: XChaCha20Poly1305,
    page: XChaCha20Poly1305,
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
            voting_account: keyed(&key("voting account")),
            number: keyed(&key("number")),
            passkey: keyed(&key("passkey")),
            receipt: keyed(&key("receipt")),
            form: keyed(&key("form")),
            sent_form: keyed(&key("form sent twice")),
            viewer: keyed(&key("viewer of a page")),
            prefix: keyed(&key("number prefix")),
            address: keyed(&key("known address")),
            cipher: XChaCha20Poly1305::new(&key("number at rest").into()),
            page: XChaCha20Poly1305::new(&key("ballot page").into()),
        }
    }

    /// Reads the secret file, or makes it where the database does not know one yet. `known` is the database's check value.
    ///
    /// # Errors
    /// When the file is missing, unreadable, open to others, or belongs to another database.
    pub fn open(file: &Path, known: Option<&str>) -> Result<Self, KeyError> {
        if let Some(keys) = Self::read(file, known)? {
            return Ok(keys);
        }
        let keys = Self::derive(random());
        write(file, &keys.master)
            .map_err(|error| KeyError::File(format!("{}: {error}", file.display())))?;
        Ok(keys)
    }

    /// Reads the secret file. `None` where there is none, and the database does not know one either.
    ///
    /// # Errors
    /// As [`Keys::open`].
    pub fn read(file: &Path, known: Option<&str>) -> Result<Option<Self>, KeyError> {
        let told = |why: &dyn fmt::Display| KeyError::File(format!("{}: {why}", file.display()));
        match fs::metadata(file) {
            Ok(found) if !found.is_file() => return Err(told(&"this is not a file")),
            Ok(found) => refuse_open_to_others(file, &found)?,
            Err(error) if error.kind() == ErrorKind::NotFound && known.is_some() => {
                return Err(KeyError::Missing(file.to_owned()));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(told(&error)),
        }
        let text = fs::read_to_string(file).map_err(|error| told(&error))?;
        let keys = Self::derive(parse(&text).ok_or_else(|| told(&"this is no secret of Pollstr"))?);
        if known.is_some_and(|known| known != keys.check_value()) {
            Err(KeyError::Mismatch(file.to_owned()))
        } else {
            Ok(Some(keys))
        }
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

    /// Which account voted, as a poll remembers it where each account has one vote.
    #[must_use]
    pub fn voting_account(&self, poll: &str, account: i64) -> Mac32 {
        mac(
            &self.voting_account,
            &[poll.as_bytes(), b"\0", &account.to_be_bytes()],
        )
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
        mac(
            &self.passkey,
            &[b"challenge\0", purpose.as_bytes(), b"\0", session],
        )
    }

    /// By what devices know an account's passkeys for one account's. It tells nothing of the account.
    #[must_use]
    pub fn passkey_owner(&self, account: i64) -> Mac32 {
        mac(&self.passkey, &[b"owner\0", &account.to_be_bytes()])
    }

    /// Derives the 80 bits of a receipt from the poll, the voter's mark and the nonce of the ballot page. Without this key neither the
    /// voter nor a reader of the database can work them out.
    #[must_use]
    pub fn receipt(&self, poll: &str, voter: &Mac32, nonce: &[u8; 16]) -> [u8; 10] {
        let mac = mac(&self.receipt, &[poll.as_bytes(), b"\0", voter, nonce]);
        std::array::from_fn(|index| mac[index])
    }

    /// Encrypts the nonce of a ballot page. It opens for this poll and this session only.
    #[must_use]
    pub fn seal_nonce(&self, poll: &str, session: &[u8], nonce: &[u8; 16]) -> Vec<u8> {
        seal(&self.page, &page_of(poll, session), nonce)
    }

    /// Opens what [`Keys::seal_nonce`] made; `None` when it belongs to another poll, session or secret.
    #[must_use]
    pub fn open_nonce(&self, poll: &str, session: &[u8], sealed: &[u8]) -> Option<[u8; 16]> {
        open(&self.page, &page_of(poll, session), sealed)?
            .try_into()
            .ok()
    }

    /// Identifies a form that an account sent: the same for the same account and content, and predictable only with this key.
    #[must_use]
    pub fn form(&self, account: i64, content: &[u8]) -> Mac32 {
        mac(&self.form, &[&account.to_be_bytes(), content])
    }

    /// What both answers to a form that was sent twice share, for one purpose.
    #[must_use]
    pub fn sent_form(&self, purpose: &str, parts: &[&[u8]]) -> Mac32 {
        let parts: Vec<&[u8]> = [purpose.as_bytes(), b"\0"]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        mac(&self.sent_form, &parts)
    }

    /// By what a page knows whom it was made for. It tells nothing of the account.
    #[must_use]
    pub fn viewer(&self, account: i64) -> Mac32 {
        mac(&self.viewer, &[&account.to_be_bytes()])
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
        seal(&self.cipher, &owner.to_be_bytes(), e164.as_bytes())
    }

    /// Encrypts for rest what an account's app makes codes from. It opens as that alone: what was sealed as a number does not.
    #[must_use]
    pub fn seal_secret(&self, owner: i64, secret: &[u8]) -> Vec<u8> {
        seal(&self.cipher, &secret_of(owner), secret)
    }

    /// Opens what [`Keys::seal_secret`] made; `None` when it is of another owner, another secret, or something else.
    #[must_use]
    pub fn open_secret(&self, owner: i64, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.cipher, &secret_of(owner), sealed)
    }

    /// Opens what [`Keys::seal`] made; `None` when it is of another owner or another secret.
    #[must_use]
    pub fn open_sealed(&self, owner: i64, sealed: &[u8]) -> Option<String> {
        String::from_utf8(open(&self.cipher, &owner.to_be_bytes(), sealed)?).ok()
    }
}

fn seal(cipher: &XChaCha20Poly1305, bound: &[u8], bytes: &[u8]) -> Vec<u8> {
    let nonce = random::<24>();
    let sealed = cipher.encrypt(
        &XNonce::from(nonce),
        Payload {
            msg: bytes,
            aad: bound,
        },
    );
    // Encryption fails only for messages of many gigabytes; an empty result opens as nothing.
    sealed
        .map(|sealed| [nonce.as_slice(), &sealed].concat())
        .unwrap_or_default()
}

fn open(cipher: &XChaCha20Poly1305, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
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

/// What a secret at rest is bound to: its owner, and that it is one.
fn secret_of(owner: i64) -> Vec<u8> {
    [owner.to_be_bytes().as_slice(), b"authenticator"].concat()
}

/// What the nonce of a ballot page is bound to.
fn page_of(poll: &str, session: &[u8]) -> Vec<u8> {
    [poll.as_bytes(), b"\0", session].concat()
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

/// What others than the owner may not have: anything for everybody, and more than reading for the group. The group may read, since
/// packages keep such files as root's, for the group of the service.
const NOT_FOR_OTHERS: u32 = 0o037;

#[cfg(unix)]
fn refuse_open_to_others(file: &Path, found: &fs::Metadata) -> Result<(), KeyError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
    if mode & NOT_FOR_OTHERS == 0 {
        return Ok(());
    }
    let right = if mode & 0o200 == 0 { "400" } else { "600" };
    Err(KeyError::Open {
        file: file.display().to_string(),
        mode,
        right,
    })
}

#[cfg(not(unix))]
fn refuse_open_to_others(_: &Path, _: &fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

fn parse(text: &str) -> Option<[u8; 32]> {
    HEXLOWER
        .decode(text.trim().as_bytes())
        .ok()?
        .try_into()
        .ok()
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
        assert_eq!(
            keys.voter("dogs", "+447700900123"),
            keys.voter("dogs", "+447700900123")
        );
        assert_ne!(
            keys.voter("dogs", "+447700900123"),
            keys.voter("cats", "+447700900123")
        );
        assert_ne!(
            keys.voter("dogs", "+447700900123"),
            Keys::derive([8; 32]).voter("dogs", "+447700900123")
        );
    }

    #[test]
    fn the_mark_of_an_account_is_none_of_a_number_and_another_in_each_poll() {
        let keys = Keys::derive([7; 32]);
        assert_eq!(
            keys.voting_account("dogs", 1),
            keys.voting_account("dogs", 1)
        );
        assert_ne!(
            keys.voting_account("dogs", 1),
            keys.voting_account("cats", 1)
        );
        assert_ne!(
            keys.voting_account("dogs", 1),
            keys.voting_account("dogs", 2)
        );
        assert_ne!(
            keys.voting_account("dogs", 0x3131_3131_3131_3131),
            keys.voter("dogs", "11111111")
        );
    }

    #[test]
    fn a_passkey_is_asked_something_else_in_each_session_and_for_each_purpose() {
        let keys = Keys::derive([7; 32]);
        let challenge = keys.passkey_challenge("get", b"a session");
        assert_eq!(keys.passkey_challenge("get", b"a session"), challenge);
        assert_ne!(keys.passkey_challenge("get", b"another session"), challenge);
        assert_ne!(keys.passkey_challenge("create", b"a session"), challenge);
        assert_ne!(
            Keys::derive([8; 32]).passkey_challenge("get", b"a session"),
            challenge
        );
        assert_ne!(keys.passkey_owner(1), keys.passkey_owner(2));
    }

    #[test]
    fn a_sealed_number_opens_for_its_owner_alone() {
        let keys = Keys::derive([7; 32]);
        let sealed = keys.seal(1, "+447700900123");
        assert_eq!(
            keys.open_sealed(1, &sealed).as_deref(),
            Some("+447700900123")
        );
        assert_eq!(keys.open_sealed(2, &sealed), None);
        assert_eq!(Keys::derive([8; 32]).open_sealed(1, &sealed), None);
        assert_ne!(keys.seal(1, "+447700900123"), sealed);
        assert_eq!(keys.open_sealed(1, b"short"), None);
    }

    #[test]
    fn a_sealed_number_does_not_open_as_a_secret_nor_a_secret_as_a_number() {
        let keys = Keys::derive([7; 32]);
        let secret = keys.seal_secret(1, b"+447700900123");
        assert_eq!(
            keys.open_secret(1, &secret).as_deref(),
            Some(b"+447700900123".as_slice())
        );
        assert_eq!(keys.open_secret(2, &secret), None);
        assert_eq!(keys.open_sealed(1, &secret), None);
        assert_eq!(keys.open_secret(1, &keys.seal(1, "+447700900123")), None);
    }

    #[test]
    fn the_nonce_of_a_ballot_page_opens_for_its_poll_and_session_alone() {
        let keys = Keys::derive([7; 32]);
        let sealed = keys.seal_nonce("dogs", b"a session", &[3; 16]);
        assert_eq!(
            keys.open_nonce("dogs", b"a session", &sealed),
            Some([3; 16])
        );
        assert_eq!(keys.open_nonce("cats", b"a session", &sealed), None);
        assert_eq!(keys.open_nonce("dogs", b"another session", &sealed), None);
        assert_eq!(
            Keys::derive([8; 32]).open_nonce("dogs", b"a session", &sealed),
            None
        );
        let mut tampered = sealed.clone();
        tampered[30] ^= 1;
        assert_eq!(keys.open_nonce("dogs", b"a session", &tampered), None);
        assert_eq!(keys.open_nonce("dogs", b"a session", b""), None);
        // A number has a key of its own.
        assert_eq!(
            open(&keys.cipher, &page_of("dogs", b"a session"), &sealed),
            None
        );
    }

    #[test]
    fn a_receipt_is_another_for_each_poll_voter_nonce_and_secret() {
        let keys = Keys::derive([7; 32]);
        let receipt = keys.receipt("dogs", &[1; 32], &[2; 16]);
        assert_eq!(keys.receipt("dogs", &[1; 32], &[2; 16]), receipt);
        assert_ne!(keys.receipt("cats", &[1; 32], &[2; 16]), receipt);
        assert_ne!(keys.receipt("dogs", &[2; 32], &[2; 16]), receipt);
        assert_ne!(keys.receipt("dogs", &[1; 32], &[3; 16]), receipt);
        assert_ne!(
            Keys::derive([8; 32]).receipt("dogs", &[1; 32], &[2; 16]),
            receipt
        );
    }

    #[test]
    fn labels_and_inputs_of_keys_stay_as_they_are() {
        let keys = Keys::derive([7; 32]);
        assert_eq!(
            HEXLOWER.encode(&keys.receipt("dogs", &[1; 32], &[2; 16])),
            "b99af36dcc9bca2ccc9a"
        );
        assert_eq!(
            HEXLOWER.encode(&keys.form(1, b"a form")),
            "9fe69ce1ecdfe277f4def4adc3bb8b1d9f70eb29dea279ff80bd45ffdd44ff91"
        );
        let sealed = HEXLOWER
            .decode(b"000102030405060708090a0b0c0d0e0f10111213141516170db783fa472031d776f4ea592407979442ef6fa672ce2e5cae49e859eed3b54b")
            .unwrap();
        assert_eq!(
            keys.open_nonce("dogs", b"a session", &sealed),
            Some([3; 16])
        );
    }

    /// Known answers for what is stored. A change here would let a number vote twice, or make stored rows unreadable.
    #[test]
    fn stored_hmacs_stay_as_they_are() {
        let keys = Keys::derive([7; 32]);
        let number = "+447700900123";
        let hex = |mac: Mac32| HEXLOWER.encode(&mac);
        let answers = [
            (
                keys.check_value(),
                "158ee8c81a92a8d69e08dcf7bdaef2e7a455bd81fddb93b43ae6ba08233b5d22",
            ),
            (
                hex(keys.voter("dogs", number)),
                "f563f10f559004d02060e3527ac67c29c532bb59d03376e3aab33cb2a5cfc484",
            ),
            (
                hex(keys.voting_account("dogs", 1)),
                "e96894ba9bdf1700a2154830d47589a1c2e8ed395d6c61e281f922b255101a2d",
            ),
            (
                hex(keys.number(number)),
                "0c0e355d5150f7601ad488a39d0c7fe279bcb752549bf0e48b3a06e8e0de9e1c",
            ),
            (
                keys.prefix("447700900"),
                "f6bec2ed0a4f1746bde687fa295236d55ec0b6cb7cc0f2c49fb7d1249719b168",
            ),
            (
                hex(keys.known_address(1, "203.0.113.9")),
                "040c46eda1c081de5486c9b421fa111caf67cf55fcd2daa6ff415794804823e0",
            ),
            (
                hex(keys.passkey_owner(1)),
                "c812bee963b456ef5d00fe580bdcdce43b39a118deab16ec91c23b3809e8981f",
            ),
            (
                hex(keys.sent_form("form", &[b"login"])),
                "c4f04652656a6a3778677b143271f79f12b0bd55e6f7b7d84514f81b8582342f",
            ),
        ];
        for (found, known) in answers {
            assert_eq!(found, known);
        }
    }

    /// Ciphertexts out of rows that an earlier release stored.
    #[test]
    fn stored_ciphertexts_still_open() {
        let keys = Keys::derive([0x5e; 32]);
        let stored = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
        let number = stored(
            "7782b334031e29df60a08b3640a44f0e2d7e049061713d48b026768030760ac449261ce8766c8f8a755efd90131cd266484fbc2d65",
        );
        assert_eq!(
            keys.open_sealed(2, &number).as_deref(),
            Some("+447700900101")
        );
        let secret = stored(
            "087853175e899d2ee917936adecbea39d396179817911db05ed2bbd82f5a10e4fb6d70979b0bb1881d3e4eb4bd90c04a0ec82b0cefb1a6f8e467c551",
        );
        assert_eq!(
            keys.open_secret(1, &secret),
            data_encoding::BASE32_NOPAD
                .decode(b"33WWIEZHOSKKMTPOJP753KVZMLQBBBUL")
                .ok()
        );
    }

    #[test]
    fn a_secret_is_made_once_and_known_again() {
        let file = std::env::temp_dir().join(format!(
            "pollstr-secret-{}",
            HEXLOWER.encode(&random::<8>())
        ));
        let first = Keys::open(&file, None).unwrap();
        let check = first.check_value();
        assert_eq!(
            Keys::open(&file, Some(&check)).unwrap().check_value(),
            check
        );
        assert!(matches!(
            Keys::open(&file, Some("another")),
            Err(KeyError::Mismatch(_))
        ));
        fs::remove_file(&file).unwrap();
        assert!(matches!(
            Keys::open(&file, Some(&check)),
            Err(KeyError::Missing(_))
        ));
        fs::write(&file, "nonsense").unwrap();
        restrict(&file, 0o600);
        assert!(matches!(Keys::open(&file, None), Err(KeyError::File(_))));
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(matches!(Keys::open(&file, None), Err(KeyError::File(_))));
        fs::remove_dir(&file).unwrap();
    }

    fn restrict(file: &Path, mode: u32) {
        fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_secret_that_others_can_read_or_change_is_refused_with_the_command_that_mends_it() {
        let file = std::env::temp_dir().join(format!(
            "pollstr-secret-{}",
            HEXLOWER.encode(&random::<8>())
        ));
        assert!(Keys::read(&file, None).unwrap().is_none() && !file.exists());
        Keys::open(&file, None).unwrap();
        for mode in [0o600, 0o400, 0o640, 0o440] {
            restrict(&file, mode);
            Keys::open(&file, None).unwrap();
        }
        for (mode, mended) in [
            (0o644, "600"),
            (0o444, "400"),
            (0o604, "600"),
            (0o660, "600"),
            (0o620, "600"),
            (0o601, "600"),
            (0o777, "600"),
        ] {
            restrict(&file, mode);
            let said = Keys::open(&file, None).unwrap_err().to_string();
            assert!(
                said.starts_with(&format!(
                    "POLLSTR_SECRET_FILE: {} is open to others",
                    file.display()
                )),
                "{said}"
            );
            assert!(
                said.ends_with(&format!("run: chmod {mended} {}", file.display())),
                "{said}"
            );
        }
        fs::remove_file(&file).unwrap();
    }
}
