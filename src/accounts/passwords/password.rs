//! Passwords: which may be chosen, and how they are kept.
//!
//! A code is asked for at every login, so length is the only rule (NIST SP 800-63B-4), besides what everybody would guess. Hashing is
//! slow on purpose; it runs off the async threads and only so often at once, for each takes 19 MiB.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use data_encoding::BASE32_NOPAD;
use thiserror::Error;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::accounts::names::confusables;
use crate::platform::crypto::random;
use crate::platform::pasted::{is_invisible, is_space};
use crate::web::hypermedia::outcome::Refusal;

/// The shortest and the longest password, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=1_024;
/// How long a request waits for its turn at hashing.
const PATIENCE: Duration = Duration::from_secs(3);

/// What people choose most, and attackers try first; 8 characters and more.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// A password that may be chosen.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Nothing was typed.
    #[error("Choose a password.")]
    Empty,
    /// Fewer than 8 characters.
    #[error("A password has at least 8 characters. Three or four words are easy to remember.")]
    Short,
    /// More than 1,024 characters.
    #[error("A password has at most 1,024 characters.")]
    Long,
    /// Nothing but spaces, and what is invisible.
    #[error("Type more than spaces. Three or four words are easy to remember.")]
    Blank,
    /// On the list, or made of the user's or the site's name.
    #[error("Too many people would guess that one. Please choose another.")]
    Guessable,
}

impl Password {
    /// Parses a new password for an account of this name.
    ///
    /// # Errors
    /// What is wrong with it.
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
        if password
            .chars()
            .all(|sign| is_space(sign) || is_invisible(sign))
        {
            return Err(PasswordError::Blank);
        }
        let (key, folded) = (confusables::key(&password), confusables::folded(&password));
        let common = COMMON.contains(key.as_str()) || COMMON.contains(folded.as_str());
        if common || folded == confusables::folded(name) || folded.contains("pollstr") {
            return Err(PasswordError::Guessable);
        }
        Ok(Self(password))
    }

    /// A password that is made here, of 80 random bits, and its text to be told once.
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

    /// A password that was compared just now, to be kept in today's form.
    #[must_use]
    pub fn retyped(text: &str) -> Self {
        Self(normal(text))
    }

    /// A password that no rule was asked about, for the demo alone.
    #[must_use]
    pub fn of_the_demo(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The same characters are the same password, however a keyboard composes them and whatever kind of space it types: NFKC, as NIST
/// SP 800-63B-4 asks for.
fn normal(text: &str) -> String {
    text.nfkc().collect()
}

/// The forms in which what was typed may have been kept: today's, and where it differs that of earlier versions. How many there are
/// depends on what was typed alone.
fn forms(typed: &str) -> Vec<String> {
    let mut forms = vec![normal(typed), typed.nfc().collect()];
    forms.dedup();
    forms
}

/// What comparing a password has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is another one.
    Wrong,
    /// It is the one.
    Right,
    /// It is the one, and its hash is of the form of an earlier version.
    RightInOldForm,
}

/// Too many people log in just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Many people are logging in just now. Please try again in a moment.")]
pub struct Busy;

impl From<Busy> for Refusal {
    fn from(busy: Busy) -> Self {
        Self::Unavailable {
            message: busy.to_string(),
            wait: 5,
        }
    }
}

/// Makes and compares hashes: Argon2id, 19 MiB, two passes (OWASP).
#[derive(Clone, Debug)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    /// A hash of nothing, compared where there is no account, so that it takes as long.
    decoy: Arc<str>,
}

impl Hasher {
    /// As many at once as there are processors.
    #[must_use]
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new(processors)),
            decoy: hash("a decoy that nobody types").into(),
        }
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// When there are too many at once.
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        self.in_turn(move || hash(&password.0)).await
    }

    /// Compares a password with the one behind a hash. Without a hash it takes as long, and is wrong.
    ///
    /// # Errors
    /// When there are too many at once.
    pub async fn verify(
        &self,
        hash: Option<String>,
        password: &str,
    ) -> Result<PasswordCheck, Busy> {
        let (known, hash) = (
            hash.is_some(),
            hash.unwrap_or_else(|| self.decoy.to_string()),
        );
        let forms = forms(password);
        self.in_turn(
            move || match first(&forms, |form| matches(&hash, form)).filter(|_| known) {
                None => PasswordCheck::Wrong,
                Some(0) => PasswordCheck::Right,
                Some(_) => PasswordCheck::RightInOldForm,
            },
        )
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Busy)?.map_err(|_| Busy)?;
        // The turn moves into the work, so that a visitor who leaves does not make room that is not there.
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

/// A PHC string; an empty one, which no password matches, where hashing failed.
fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}

/// Which form is the right one. Each is compared until one is, so that a wrong password takes as long for every account and for none.
fn first(forms: &[String], right: impl Fn(&str) -> bool) -> Option<usize> {
    forms.iter().position(|form| right(form))
}

fn matches(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
