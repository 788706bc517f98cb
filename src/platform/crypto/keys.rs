//! Keys, and the MACs and ciphertexts made with them.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::KeyInit;
use data_encoding::HEXLOWER;
use hmac::Mac;

use crate::platform::crypto::cipher::{open, seal};
use crate::platform::crypto::hash::{HmacSha256, Mac32, keyed, mac};

/// One key per purpose, so that a value made for one purpose means nothing for another. Clones
/// share them.
#[derive(Clone)]
pub struct Keys(Arc<KeySet>);

struct KeySet {
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
    visit: XChaCha20Poly1305,
    pick: XChaCha20Poly1305,
    kept_form: XChaCha20Poly1305,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Derives the keys from the 32 bytes of the secret file.
    #[must_use]
    pub fn derive(master: [u8; 32]) -> Self {
        let root = keyed(&master);
        let key = |purpose: &str| mac(&root, &[purpose.as_bytes()]);
        Self(Arc::new(KeySet {
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
            visit: XChaCha20Poly1305::new(&key("visit of a browser").into()),
            pick: XChaCha20Poly1305::new(&key("picked choices").into()),
            kept_form: XChaCha20Poly1305::new(&key("form kept through sign-up").into()),
        }))
    }

    #[cfg(test)]
    pub(super) fn cipher(&self) -> &XChaCha20Poly1305 {
        &self.0.cipher
    }

    pub(super) fn master(&self) -> &[u8; 32] {
        &self.0.master
    }

    /// Returns the check value that ties a database to its secret. It reveals nothing about the
    /// secret.
    #[must_use]
    pub fn check_value(&self) -> String {
        HEXLOWER.encode(&mac(&keyed(&self.0.master), &[b"check value"]))
    }

    /// Returns the mark of a number in a poll. Marks of one number in two polls can't be linked.
    #[must_use]
    pub fn voter(&self, poll: &str, e164: &str) -> Mac32 {
        mac(&self.0.voter, &[poll.as_bytes(), b"\0", e164.as_bytes()])
    }

    /// Returns the mark of an account in a poll that allows one vote per account.
    #[must_use]
    pub fn voting_account(&self, poll: &str, account: i64) -> Mac32 {
        mac(
            &self.0.voting_account,
            &[poll.as_bytes(), b"\0", &account.to_be_bytes()],
        )
    }

    /// Returns the lookup key of a phone number.
    #[must_use]
    pub fn number(&self, e164: &str) -> Mac32 {
        mac(&self.0.number, &[e164.as_bytes()])
    }

    /// Returns the lookup key of the first digits of a number: in plain text they would narrow down
    /// who got a code.
    #[must_use]
    pub fn prefix(&self, digits: &str) -> String {
        HEXLOWER.encode(&mac(&self.0.prefix, &[digits.as_bytes()]))
    }

    /// Returns the lookup key of an IP address that an account has logged in from.
    #[must_use]
    pub fn known_address(&self, account: i64, address: &str) -> Mac32 {
        mac(
            &self.0.address,
            &[&account.to_be_bytes(), address.as_bytes()],
        )
    }

    /// Returns the WebAuthn challenge for a session and purpose. A session's key changes at each
    /// step-up, so an accepted answer can't be replayed.
    #[must_use]
    pub fn passkey_challenge(&self, purpose: &str, session: &[u8]) -> Mac32 {
        mac(
            &self.0.passkey,
            &[b"challenge\0", purpose.as_bytes(), b"\0", session],
        )
    }

    /// Returns the WebAuthn user handle of an account. It reveals nothing about it.
    #[must_use]
    pub fn passkey_owner(&self, account: i64) -> Mac32 {
        mac(&self.0.passkey, &[b"owner\0", &account.to_be_bytes()])
    }

    /// Derives the 80 bits of a receipt from the poll, the voter's mark and the nonce of the ballot
    /// page. Neither the voter nor a reader of the database can compute them without this key.
    #[must_use]
    pub fn receipt(&self, poll: &str, voter: &Mac32, nonce: &[u8; 16]) -> [u8; 10] {
        let mac = mac(&self.0.receipt, &[poll.as_bytes(), b"\0", voter, nonce]);
        std::array::from_fn(|index| mac[index])
    }

    /// Encrypts the nonce of a ballot page for one poll and session.
    #[must_use]
    pub fn seal_nonce(&self, poll: &str, session: &[u8], nonce: &[u8; 16]) -> Vec<u8> {
        seal(&self.0.page, &page_of(poll, session), nonce)
    }

    /// Decrypts [`Keys::seal_nonce`]; `None` for another poll, session or secret.
    #[must_use]
    pub fn open_nonce(&self, poll: &str, session: &[u8], sealed: &[u8]) -> Option<[u8; 16]> {
        open(&self.0.page, &page_of(poll, session), sealed)?
            .try_into()
            .ok()
    }

    /// Encrypts the state of a browser's visit.
    #[must_use]
    pub fn seal_visit(&self, state: &[u8]) -> Vec<u8> {
        seal(&self.0.visit, &[], state)
    }

    /// Decrypts [`Keys::seal_visit`]; `None` for another secret.
    #[must_use]
    pub fn open_visit(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.0.visit, &[], sealed)
    }

    /// Encrypts the choices picked in one poll during one visit.
    #[must_use]
    pub fn seal_pick(&self, poll: &str, visit: &[u8; 16], pick: &[u8]) -> Vec<u8> {
        seal(&self.0.pick, &page_of(poll, visit), pick)
    }

    /// Decrypts [`Keys::seal_pick`]; `None` for another poll, visit or secret.
    #[must_use]
    pub fn open_pick(&self, poll: &str, visit: &[u8; 16], sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.0.pick, &page_of(poll, visit), sealed)
    }

    /// Encrypts a form that was filled in during a visit, before signing up.
    #[must_use]
    pub fn seal_kept_form(&self, visit: &[u8; 16], form: &[u8]) -> Vec<u8> {
        seal(&self.0.kept_form, visit, form)
    }

    /// Decrypts [`Keys::seal_kept_form`]; `None` for another visit or secret.
    #[must_use]
    pub fn open_kept_form(&self, visit: &[u8; 16], sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.0.kept_form, visit, sealed)
    }

    /// Returns the identity of a form by account and content.
    #[must_use]
    pub fn form(&self, account: i64, content: &[u8]) -> Mac32 {
        mac(&self.0.form, &[&account.to_be_bytes(), content])
    }

    /// Derives what both responses to a resubmitted form share, for one purpose.
    #[must_use]
    pub fn sent_form(&self, purpose: &str, parts: &[&[u8]]) -> Mac32 {
        let parts: Vec<&[u8]> = [purpose.as_bytes(), b"\0"]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        mac(&self.0.sent_form, &parts)
    }

    /// Returns the tag of the account that a page is rendered for. It reveals nothing about the
    /// account.
    #[must_use]
    pub fn viewer(&self, account: i64) -> Mac32 {
        mac(&self.0.viewer, &[&account.to_be_bytes()])
    }

    /// Returns the CSRF token for a cookie and nonce.
    #[must_use]
    pub fn csrf(&self, cookie: &[u8], nonce: &[u8]) -> Mac32 {
        mac(&self.0.csrf, &[cookie, nonce])
    }

    /// Checks a CSRF token in constant time.
    #[must_use]
    pub fn csrf_matches(&self, cookie: &[u8], nonce: &[u8], token: &[u8]) -> bool {
        let mut mac = self.0.csrf.clone();
        mac.update(cookie);
        mac.update(nonce);
        mac.verify_slice(token).is_ok()
    }

    /// Encrypts a phone number at rest, bound to its account.
    #[must_use]
    pub fn seal(&self, owner: i64, e164: &str) -> Vec<u8> {
        seal(&self.0.cipher, &owner.to_be_bytes(), e164.as_bytes())
    }

    /// Encrypts a TOTP secret at rest. It can't be decrypted as a phone number, nor the reverse.
    #[must_use]
    pub fn seal_secret(&self, owner: i64, secret: &[u8]) -> Vec<u8> {
        seal(&self.0.cipher, &secret_of(owner), secret)
    }

    /// Decrypts [`Keys::seal_secret`]; `None` for another account, secret or kind.
    #[must_use]
    pub fn open_secret(&self, owner: i64, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.0.cipher, &secret_of(owner), sealed)
    }

    /// Decrypts [`Keys::seal`]; `None` for another account or secret.
    #[must_use]
    pub fn open_sealed(&self, owner: i64, sealed: &[u8]) -> Option<String> {
        String::from_utf8(open(&self.0.cipher, &owner.to_be_bytes(), sealed)?).ok()
    }
}

/// Associated data of a TOTP secret.
pub(super) fn secret_of(owner: i64) -> Vec<u8> {
    [owner.to_be_bytes().as_slice(), b"authenticator"].concat()
}

/// Associated data of a ballot page's nonce, and of a pick.
pub(super) fn page_of(poll: &str, session: &[u8]) -> Vec<u8> {
    [poll.as_bytes(), b"\0", session].concat()
}
