//! The keys, one for each use, and what is computed with them.

use std::fmt;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use data_encoding::HEXLOWER;
use hmac::Mac;

use crate::platform::crypto::cipher::{open, seal};
use crate::platform::crypto::hash::{HmacSha256, Mac32, keyed, mac};

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
    pub(super) cipher: XChaCha20Poly1305,
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

    pub(super) fn master(&self) -> &[u8; 32] {
        &self.master
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

/// What a secret at rest is bound to: its owner, and that it is one.
pub(super) fn secret_of(owner: i64) -> Vec<u8> {
    [owner.to_be_bytes().as_slice(), b"authenticator"].concat()
}

/// What the nonce of a ballot page is bound to.
pub(super) fn page_of(poll: &str, session: &[u8]) -> Vec<u8> {
    [poll.as_bytes(), b"\0", session].concat()
}
