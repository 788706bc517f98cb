//! Crockford's base 32, which leaves out I, L, O and U: easy to copy by hand. Used for poll ids,
//! receipts and recovery codes.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};

use crate::platform::crypto::{digest, random};
use crate::platform::pasted;

/// Both cases: poll ids are lower case, what people copy from paper is upper case.
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

/// Returns at least `length` random lower-case letters and digits, sixteen at most.
#[must_use]
pub fn random_name(length: usize) -> String {
    name_of(&random(), length)
}

/// Returns the lower-case letters and digits that spell these bits.
#[must_use]
pub fn name_of(bits: &[u8; 10], length: usize) -> String {
    let mut name = SMALL.encode(bits);
    name.truncate(length);
    name
}

/// 80 random bits as sixteen letters. They can't be guessed, so the server stores only their hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Base32(String);

impl fmt::Debug for Base32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letters")
    }
}

impl Base32 {
    /// Draws new random letters.
    #[must_use]
    pub fn new() -> Self {
        Self::of(&random())
    }

    /// Encodes 80 bits.
    #[must_use]
    pub fn of(bits: &[u8; 10]) -> Self {
        Self(CAPITALS.encode(bits))
    }

    /// Encodes the first 80 bits of random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(CAPITALS.encode(bytes.get(..10).unwrap_or_default()))
    }

    /// Parses letters as people type or paste them: grouped or not, in either case, with O for 0
    /// and I or L for 1; alone, or as the only such word in a sentence.
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

    /// Returns the letters without spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 hash that the server stores.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        digest(self.0.as_bytes())
    }

    /// Returns the letters in groups of four, as pages show them.
    #[must_use]
    pub fn grouped(&self) -> String {
        group_by_four(&self.0, '-')
    }
}

impl Default for Base32 {
    fn default() -> Self {
        Self::new()
    }
}

/// Splits a text into groups of four characters.
#[must_use]
pub fn group_by_four(text: &str, between: char) -> String {
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
        let hash = Base32::parse("7G3K-X9QM-2PV8-4TNC").unwrap().hash();
        assert_eq!(
            data_encoding::HEXLOWER.encode(&hash),
            "7c70a642106d8ababd28f60822193a795019f39bd68cf2c1e73b9f27645f2eb0"
        );
    }

    #[test]
    fn letters_are_read_as_people_type_them() {
        let letters = Base32::new();
        let grouped = letters.grouped();
        assert_eq!(grouped.len(), 19);
        assert!(Base32::parse(&grouped.to_lowercase()) == Some(letters.clone()));
        assert!(
            Base32::parse(&grouped.replace('-', " "))
                .is_some_and(|read| read.hash() == letters.hash())
        );
        assert!(Base32::parse("oil0 0000 0000 0000") == Base32::parse("0110-0000-0000-0000"));
        for pasted in [
            format!("Your receipt: {grouped}."),
            format!("\u{202a}{}\u{202c},", grouped.replace('-', "\u{2011}")),
        ] {
            assert!(Base32::parse(&pasted) == Some(letters.clone()), "{pasted}");
        }
        assert!(Base32::parse(&format!("{grouped} {grouped}")) == Some(letters.clone()));
        assert!(Base32::parse(&format!("{grouped} {}", Base32::new().grouped())).is_none());
        assert!(Base32::parse("U000-0000-0000-0000").is_none());
        assert!(Base32::parse(&grouped[1..]).is_none());
        assert!(Base32::parse("").is_none());
    }

    #[test]
    fn no_two_are_alike() {
        assert!(Base32::new() != Base32::new());
        assert_ne!(random_name(10), random_name(10));
        assert_eq!(random_name(10).len(), 10);
    }
}
