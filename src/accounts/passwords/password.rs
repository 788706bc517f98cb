//! Password rules and hashing.
//!
//! Logging in also takes a code, so length is the only rule (NIST SP 800-63B-4), apart from
//! passwords that are easily guessed. Hashing is deliberately slow; it runs on blocking threads,
//! and concurrency is limited because each hash takes 19 MiB.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE32_NOPAD;
use thiserror::Error;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::accounts::names::confusables;
use crate::platform::crypto::random;
use crate::platform::text::is_blank;
use crate::web::hypermedia::outcome::Refusal;

/// Allowed length, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=1_024;
/// How long a request waits for a hashing slot.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most common passwords of at least 8 characters, which attackers try first.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// A password that is ready to be hashed.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Reason a password was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Nothing was typed.
    #[error("Choose a password.")]
    Empty,
    /// Fewer than 8 characters.
    #[error("Use at least 8 characters. Three or four words are easy to remember.")]
    Short,
    /// More than 1,024 characters.
    #[error("Use at most 1,024 characters.")]
    Long,
    /// Only spaces and invisible characters.
    #[error("Use more than spaces. Three or four words are easy to remember.")]
    Blank,
    /// A common password, or one made of the username or the site's name.
    #[error("That password is too easy to guess. Please choose another.")]
    Guessable,
}

impl Password {
    /// Parses a new password for the account with this name.
    pub fn parse(text: &str, name: &str) -> Result<Self, PasswordError> {
        let password = normal(text);
        if password.is_empty() {
            return Err(PasswordError::Empty);
        }
        let length = password.chars().count();
        if length < *LENGTH.start() {
            return Err(PasswordError::Short);
        }
        if length > *LENGTH.end() {
            return Err(PasswordError::Long);
        }
        if is_blank(&password) {
            return Err(PasswordError::Blank);
        }
        let (key, folded) = (confusables::key(&password), confusables::folded(&password));
        let common = COMMON.contains(key.as_str()) || COMMON.contains(folded.as_str());
        if common || folded == confusables::folded(name) || folded.contains("pollstr") {
            return Err(PasswordError::Guessable);
        }
        Ok(Self(password))
    }

    /// Generates a password of 80 random bits. Also returns its text, to be shown once.
    #[must_use]
    pub fn made() -> (Self, String) {
        let letters = BASE32_NOPAD.encode(&random::<10>()).to_ascii_lowercase();
        let groups: Vec<&str> = [0, 4, 8, 12]
            .iter()
            .filter_map(|start| letters.get(*start..start + 4))
            .collect();
        let text = groups.join("-");
        (Self(text.clone()), text)
    }

    /// Wraps a password that was just verified, to be rehashed in the current form.
    #[must_use]
    pub fn retyped(text: &str) -> Self {
        Self(normal(text))
    }

    /// Wraps a password without checking any rule, for the demo only.
    #[must_use]
    pub fn of_the_demo(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Normalises a password to NFKC, as NIST SP 800-63B-4 recommends, so that it doesn't matter how a
/// keyboard composes characters or which kind of space it types.
fn normal(text: &str) -> String {
    text.nfkc().collect()
}

/// Returns the forms in which a password may have been hashed: the current one and, if different,
/// that of earlier versions. Their number depends only on what was typed.
fn forms(typed: &str) -> Vec<String> {
    let mut forms = vec![normal(typed), typed.nfc().collect()];
    forms.dedup();
    forms
}

/// Result of comparing a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It doesn't match.
    Wrong,
    /// It matches.
    Right,
    /// It matches, but was hashed in the form of an earlier version.
    MatchOutdated,
}

/// Too many passwords are being hashed at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("A lot of people are logging in right now. Please try again in a moment.")]
pub struct Busy;

impl From<Busy> for Refusal {
    fn from(busy: Busy) -> Self {
        Self::Unavailable {
            message: busy.to_string(),
            wait: 5,
        }
    }
}

/// Compared if there is no account, so that it takes as long. Its password doesn't matter, because
/// a match counts as wrong.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$0dX2Zf8RToGc16hCIvTpVg$7s30n3/TzzIXK7n4QZYZ+Z0kjY+8MAnNsClC7d5t0Pw";

/// Hashes and verifies passwords with Argon2id: 19 MiB, two passes (OWASP).
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
}

impl Hasher {
    /// Creates a hasher that runs as many hashes concurrently as there are processors.
    #[must_use]
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new(processors)),
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Busy`] if the wait for a slot times out.
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        self.run_blocking(move || hash(&password.0)).await
    }

    /// Compares a password with a hash. Without a hash it takes as long and returns
    /// [`PasswordCheck::Wrong`].
    ///
    /// # Errors
    /// [`Busy`] if the wait for a slot times out.
    pub async fn verify(
        &self,
        hash: Option<String>,
        password: &str,
    ) -> Result<PasswordCheck, Busy> {
        let (known, hash) = (hash.is_some(), hash.unwrap_or_else(|| DECOY.to_owned()));
        let forms = forms(password);
        self.run_blocking(move || {
            match first(&forms, |form| matches(&hash, form)).filter(|_| known) {
                None => PasswordCheck::Wrong,
                Some(0) => PasswordCheck::Right,
                Some(_) => PasswordCheck::MatchOutdated,
            }
        })
        .await
    }

    async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Busy)?.map_err(|_| Busy)?;
        // The permit moves into the task, so that a client that disconnects doesn't free a slot
        // still in use.
        let work = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        work.await.map_err(|_| Busy)
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

/// Argon2id with the parameters OWASP recommends: 19 MiB of memory, two passes, one lane.
fn argon2() -> Argon2<'static> {
    const PARAMS: Params = match Params::new(19 * 1024, 2, 1, None) {
        Ok(params) => params,
        Err(_) => unreachable!(),
    };
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

/// Returns a PHC string, or an empty string, which no password matches, if hashing failed.
fn hash(password: &str) -> String {
    argon2()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}

/// Returns the index of the first matching form. A wrong password is compared with every form, so
/// it takes as long whether or not the account exists.
fn first(forms: &[String], right: impl Fn(&str) -> bool) -> Option<usize> {
    forms.iter().position(|form| right(form))
}

fn matches(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
