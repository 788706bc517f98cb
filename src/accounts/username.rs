//! A user name that may be chosen.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The shortest and the longest name, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=32;

/// A name, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

/// Why a name cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Nothing was typed.
    #[error("Choose a username.")]
    Empty,
    /// Shorter than two characters or longer than 32.
    #[error("A username has 2 to 32 characters.")]
    Length,
    /// Spaces, or signs that could be mistaken.
    #[error("Use letters, digits, dots, dashes and underscores.")]
    Characters,
}

impl Username {
    /// Parses a name as it was typed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let name: String = text.trim().nfkc().collect();
        if name.is_empty() {
            return Err(UsernameError::Empty);
        }
        if !LENGTH.contains(&name.chars().count()) {
            return Err(UsernameError::Length);
        }
        if !name.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '.' | '-' | '_')) {
            return Err(UsernameError::Characters);
        }
        Ok(Self(name))
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The form in which names are compared: two names that look alike but for capitals are one.
#[must_use]
pub fn key(name: &str) -> String {
    name.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_to_thirty_two_characters() {
        assert_eq!(Username::parse("  "), Err(UsernameError::Empty));
        assert_eq!(Username::parse("a"), Err(UsernameError::Length));
        assert!(Username::parse("ab").is_ok());
        assert!(Username::parse(&"é".repeat(32)).is_ok());
        assert_eq!(Username::parse(&"a".repeat(33)), Err(UsernameError::Length));
    }

    #[test]
    fn names_are_made_of_letters_digits_and_three_signs() {
        assert_eq!(Username::parse(" Zoë.van-der_Berg2 ").unwrap().as_str(), "Zoë.van-der_Berg2");
        for name in ["a b", "a@b", "a\u{200b}b", "<b>", "a/b", "😀😀"] {
            assert_eq!(Username::parse(name), Err(UsernameError::Characters), "{name}");
        }
    }

    #[test]
    fn names_that_differ_in_capitals_or_in_composition_are_one() {
        assert_eq!(key("AMY"), key("amy"));
        assert_eq!(key("Zoe\u{308}"), key("zoë"));
        assert_ne!(key("amy"), key("ann"));
    }
}
