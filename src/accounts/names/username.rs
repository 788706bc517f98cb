//! Validation of new usernames.

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use unicode_security::mixed_script::AugmentedScriptSet;

use crate::platform::pasted::{category, is_dash, is_invisible, is_space};

/// Allowed length, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=32;
/// Maximum number of combining marks per letter: the limit of UTS 39.
const MAX_MARKS: usize = 4;
/// Combining class of the virama, which joins letters in Indic scripts.
const VIRAMA: u8 = 9;
const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';

/// A valid username, as displayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

/// Reason a username was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Nothing was typed.
    #[error("Choose a username.")]
    Empty,
    /// Shorter than two characters or longer than 32.
    #[error("Use 2 to 32 characters.")]
    Length,
    /// Spaces or other characters that are not allowed.
    #[error("Use only letters, digits, dots, dashes and underscores.")]
    Characters,
    /// Letters of several scripts, some of which look like those of another.
    #[error("Use letters from one alphabet. A mixed name could be mistaken for another.")]
    Scripts,
}

impl Username {
    /// Parses a typed or pasted name.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let name = written(text);
        if name.is_empty() {
            return Err(UsernameError::Empty);
        }
        if !LENGTH.contains(&name.chars().count()) {
            return Err(UsernameError::Length);
        }
        if !well_formed(&name) {
            return Err(UsernameError::Characters);
        }
        if !is_single_script(&name) {
            return Err(UsernameError::Scripts);
        }
        Ok(Self(name))
    }

    /// Returns the name as displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns a name in its compatibility form, without invisible characters and surrounding spaces.
/// Joiners are kept where they change how letters are written.
fn written(text: &str) -> String {
    let mut name = String::new();
    for sign in text.chars() {
        if !is_invisible(sign) || is_meaningful_joiner(name.chars().next_back(), sign) {
            name.push(sign);
        }
    }
    let name = name.trim_matches(|sign| is_space(sign) || is_joiner(sign));
    let compatible = name.nfc().flat_map(|sign| match sign {
        // The compatibility form of these vowels renders differently beside a tone mark.
        '\u{e33}' | '\u{eb3}' => vec![sign],
        sign => std::iter::once(sign).nfkc().collect(),
    });
    compatible
        .map(|sign| if is_dash(sign) { '-' } else { sign })
        .nfc()
        .collect()
}

fn is_joiner(sign: char) -> bool {
    matches!(sign, JOINER | NON_JOINER)
}

/// Returns whether a joiner is meaningful here: after a virama, or between Arabic letters. Based on
/// RFC 5892, appendix A.
fn is_meaningful_joiner(before: Option<char>, sign: char) -> bool {
    let before = before.unwrap_or_default();
    let arabic = matches!(before, '\u{620}'..='\u{6d5}' | '\u{6fa}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}');
    is_joiner(sign)
        && (canonical_combining_class(before) == VIRAMA || (sign == NON_JOINER && arabic))
}

/// Returns whether a name consists of letters with their marks, digits, dots, dashes and
/// underscores, and has at least one letter or digit.
fn well_formed(name: &str) -> bool {
    let mut marks = None;
    let good = name.chars().all(|sign| {
        let category = category(sign);
        if GeneralCategoryGroup::Letter.contains(category) {
            marks = Some(0);
        } else if GeneralCategoryGroup::Mark.contains(category) {
            marks = marks.map(|marks| marks + 1);
            return marks.is_some_and(|marks| marks <= MAX_MARKS);
        } else if !is_joiner(sign) {
            marks = None;
            return category == GeneralCategory::DecimalNumber || matches!(sign, '.' | '-' | '_');
        }
        true
    });
    good && name.chars().any(char::is_alphanumeric)
}

/// Returns whether the letters of a name belong to one script. Scripts that are written together in
/// Chinese, Japanese and Korean count as one, and may be combined with Latin: UTS 39 calls this
/// "highly restrictive".
fn is_single_script(name: &str) -> bool {
    let latin = |sign: &char| {
        let mut scripts = AugmentedScriptSet::for_char(*sign);
        scripts.intersect_with(AugmentedScriptSet::for_char('a'));
        !scripts.is_empty()
    };
    let others =
        AugmentedScriptSet::for_str(&name.chars().filter(|sign| !latin(sign)).collect::<String>());
    !AugmentedScriptSet::for_str(name).is_empty() || others.hanb || others.jpan || others.kore
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(name: &str) -> Result<String, UsernameError> {
        Username::parse(name).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn names_have_two_to_thirty_two_characters() {
        for empty in ["", "  ", "\u{a0}", "\u{200b}\u{3164}", "\u{2800}"] {
            assert_eq!(parsed(empty), Err(UsernameError::Empty), "{empty:?}");
        }
        assert_eq!(parsed("a"), Err(UsernameError::Length));
        assert!(parsed("ab").is_ok());
        assert!(parsed(&"é".repeat(32)).is_ok());
        assert_eq!(parsed(&"a".repeat(33)), Err(UsernameError::Length));
    }

    #[test]
    fn names_are_made_of_letters_with_their_marks_digits_and_three_signs() {
        for name in [
            "Zoë.van-der_Berg2",
            "น้อง",
            "น้ำ",
            "कृष्ण",
            "ọ̀lá",
            "தமிழ்",
            "ရွှေ",
            "مُحَمَّد",
            "שָׁלוֹם",
            "ᏣᎳᎩ",
            "می\u{200c}خواهم",
            "ක්\u{200d}රි",
        ] {
            assert_eq!(parsed(&format!("\u{202a} {name}\t")).as_deref(), Ok(name));
        }
        assert_eq!(parsed("ａｍｙ\u{2011}２").as_deref(), Ok("amy-2"));
        assert_eq!(parsed("a\u{200d}m\u{ad}y\u{200c}").as_deref(), Ok("amy"));
        for name in [
            "a b",
            "a\u{a0}b",
            "a@b",
            "<b>",
            "a/b",
            "😀😀",
            "\u{301}ab",
            "1\u{301}2",
            "a.\u{301}",
            "..",
            "-_",
            "ab½",
            "a\u{2800}b",
            "a\u{0}b",
        ] {
            assert_eq!(parsed(name), Err(UsernameError::Characters), "{name:?}");
        }
        assert_eq!(
            parsed(&format!("ab{}", "\u{322}".repeat(5))),
            Err(UsernameError::Characters)
        );
    }

    #[test]
    fn names_are_of_one_script() {
        for name in [
            "田中さくら",
            "ローラ",
            "王ㄅ",
            "김民",
            "田中taro",
            "taroたろう2",
            "Дмитро2",
            "محمد۱۲",
            "نام٣",
        ] {
            assert!(parsed(name).is_ok(), "{name}");
        }
        for name in [
            "pаdmin",
            "padmіn",
            "αbc",
            "ab\u{5d0}",
            "नamy",
            "김たろ",
            "ㄅたろ",
            "аб田",
            "Ωμεгα",
        ] {
            assert_eq!(parsed(name), Err(UsernameError::Scripts), "{name}");
        }
    }
}
