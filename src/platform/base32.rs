//! Letters that people can copy: Crockford's base 32, which has no I, L, O or U. For names of polls, for receipts and recovery codes.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};

use crate::platform::crypto::{digest, random};
use crate::platform::pasted;

/// In both cases: polls are named in small letters, and what is copied from paper is written in capitals.
static CAPITALS: LazyLock<Encoding> = LazyLock::new(|| base_32("0123456789ABCDEFGHJKMNPQRSTVWXYZ"));
static SMALL: LazyLock<Encoding> = LazyLock::new(|| base_32("0123456789abcdefghjkmnpqrstvwxyz"));

fn base_32(letters: &str) -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str(letters);
    #[expect(clippy::expect_used, reason = "32 different letters are an alphabet")]
    specification
        .encoding()
        .expect("32 different letters are an alphabet")
}

/// At least `length` random small letters and digits, up to sixteen.
#[must_use]
pub fn random_name(length: usize) -> String {
    name_of(&random(), length)
}

/// The same, spelling these bits.
#[must_use]
pub fn name_of(bits: &[u8; 10], length: usize) -> String {
    let mut name = SMALL.encode(bits);
    name.truncate(length);
    name
}

/// 80 random bits in sixteen letters: nobody guesses them, and the server keeps their hash alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Letters(String);

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letters")
    }
}

impl Letters {
    /// Some that never were before.
    #[must_use]
    pub fn new() -> Self {
        Self::of(&random())
    }

    /// Spells these bits.
    #[must_use]
    pub fn of(bits: &[u8; 10]) -> Self {
        Self(CAPITALS.encode(bits))
    }

    /// The first 80 bits of what is random already.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(CAPITALS.encode(bytes.get(..10).unwrap_or_default()))
    }

    /// Reads them as a person would type or paste them: in groups or not, in either case, with O for 0, and I or L for 1; alone, or as
    /// the one word of a sentence that can be them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(&pasted::word(text)).or_else(|| {
            let mut words = text
                .split_whitespace()
                .filter_map(|word| Self::read(&pasted::word(word)));
            words
                .next()
                .filter(|first| words.all(|other| other == *first))
        })
    }

    fn read(word: &str) -> Option<Self> {
        let letters = word
            .chars()
            .filter(|sign| !matches!(sign, '-' | ' '))
            .map(|sign| match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                sign => sign,
            });
        let letters: String = letters.collect();
        (CAPITALS.decode(letters.as_bytes()).ok()?.len() == 10).then_some(Self(letters))
    }

    /// Without a space between them.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the server keeps of them.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        digest(self.0.as_bytes())
    }

    /// In groups of four, as they are shown.
    #[must_use]
    pub fn grouped(&self) -> String {
        in_fours(&self.0, '-')
    }
}

impl Default for Letters {
    fn default() -> Self {
        Self::new()
    }
}

/// A text in groups of four, which the eye can follow.
#[must_use]
pub fn in_fours(text: &str, between: char) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(&between.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_hash_is_sha256_over_the_letters() {
        let hash = Letters::parse("7G3K-X9QM-2PV8-4TNC").unwrap().hash();
        assert_eq!(
            data_encoding::HEXLOWER.encode(&hash),
            "7c70a642106d8ababd28f60822193a795019f39bd68cf2c1e73b9f27645f2eb0"
        );
    }

    #[test]
    fn letters_are_read_as_people_type_them() {
        let letters = Letters::new();
        let grouped = letters.grouped();
        assert_eq!(grouped.len(), 19);
        assert!(Letters::parse(&grouped.to_lowercase()) == Some(letters.clone()));
        assert!(
            Letters::parse(&grouped.replace('-', " "))
                .is_some_and(|read| read.hash() == letters.hash())
        );
        assert!(Letters::parse("oil0 0000 0000 0000") == Letters::parse("0110-0000-0000-0000"));
        for pasted in [
            format!("Your receipt: {grouped}."),
            format!("\u{202a}{}\u{202c},", grouped.replace('-', "\u{2011}")),
        ] {
            assert!(Letters::parse(&pasted) == Some(letters.clone()), "{pasted}");
        }
        assert!(Letters::parse(&format!("{grouped} {grouped}")) == Some(letters.clone()));
        assert!(Letters::parse(&format!("{grouped} {}", Letters::new().grouped())).is_none());
        assert!(Letters::parse("U000-0000-0000-0000").is_none());
        assert!(Letters::parse(&grouped[1..]).is_none());
        assert!(Letters::parse("").is_none());
    }

    #[test]
    fn no_two_are_alike() {
        assert!(Letters::new() != Letters::new());
        assert_ne!(random_name(10), random_name(10));
        assert_eq!(random_name(10).len(), 10);
    }
}
