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
mod tests {
    use super::*;

    fn refused(password: &str) -> Option<PasswordError> {
        Password::parse(password, "amy.archer").err()
    }

    #[test]
    fn passwords_have_eight_to_a_thousand_and_twenty_four_characters() {
        assert_eq!(refused(""), Some(PasswordError::Empty));
        assert_eq!(refused("sevenby"), Some(PasswordError::Short));
        assert_eq!(refused("eightbyt"), None);
        assert_eq!(refused(&"x".repeat(1_024)), None);
        assert_eq!(refused(&"x".repeat(1_025)), Some(PasswordError::Long));
        for short in [
            "日本語",
            "😀😀",
            "éééé",
            "語".repeat(7).as_str(),
            "e\u{301}".repeat(7).as_str(),
            "ﬃ",
        ] {
            assert_eq!(refused(short), Some(PasswordError::Short), "{short}");
        }
        assert_eq!(refused(&"語り".repeat(512)), None);
        for blank in [
            " ".repeat(8),
            "\u{a0}".repeat(8),
            "\u{200b}".repeat(8),
            "\u{3164}\u{2800}".repeat(8),
        ] {
            assert_eq!(refused(&blank), Some(PasswordError::Blank), "{blank:?}");
        }
    }

    #[test]
    fn what_everybody_would_guess_is_refused() {
        assert!(COMMON.len() >= 3_000);
        for password in [
            "password1",
            "PASSWORD1",
            "Amy.Archer",
            "AMY.ARCHER\u{200b}",
            "pass\u{ad}word1",
            "ｐａｓｓｗｏｒｄ１",
            "my pollstr password",
        ] {
            assert_eq!(
                refused(password),
                Some(PasswordError::Guessable),
                "{password}"
            );
        }
        assert_eq!(refused("four words and spaces"), None);
    }

    #[test]
    fn a_password_that_is_made_is_one_that_may_be_chosen_and_never_the_same() {
        let (first, second) = (Password::made().1, Password::made().1);
        assert!(first.len() == 19 && first != second, "{first} {second}");
        assert_eq!(refused(&first), None);
    }

    #[test]
    fn a_wrong_password_is_compared_as_often_for_an_unknown_name() {
        for (typed, how_many) in [
            ("four words", 1),
            ("four\u{a0}words", 2),
            ("ｆｏｕｒ words", 2),
            ("dejeuner e\u{301} la", 1),
        ] {
            let compared = std::cell::Cell::new(0);
            let found = first(&forms(typed), |_| {
                compared.set(compared.get() + 1);
                false
            });
            assert_eq!((found, compared.get()), (None, how_many), "{typed}");
        }
    }

    #[tokio::test]
    async fn the_right_password_is_known_again_however_it_is_composed() {
        let hasher = Hasher::new();
        let hash = hasher
            .hash(Password::parse("dejeuner é la", "amy").unwrap())
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(
            hasher
                .verify(Some(hash.clone()), "dejeuner e\u{301} la")
                .await,
            Ok(PasswordCheck::Right)
        );
        assert_eq!(
            hasher
                .verify(Some(hash.clone()), "dejeuner\u{a0}e\u{301} la")
                .await,
            Ok(PasswordCheck::Right)
        );
        assert_eq!(
            hasher.verify(Some(hash), "dejeuner e la").await,
            Ok(PasswordCheck::Wrong)
        );
        let old = Some(super::hash("dejeuner\u{a0}é la"));
        assert_eq!(
            hasher
                .verify(old.clone(), "dejeuner\u{a0}e\u{301} la")
                .await,
            Ok(PasswordCheck::RightInOldForm)
        );
        assert_eq!(
            hasher.verify(old, "dejeuner é la").await,
            Ok(PasswordCheck::Wrong)
        );
        assert_eq!(
            hasher.verify(None, "a decoy that nobody types").await,
            Ok(PasswordCheck::Wrong)
        );
        assert_eq!(
            hasher.verify(Some("no hash".to_owned()), "x").await,
            Ok(PasswordCheck::Wrong)
        );
    }
}
