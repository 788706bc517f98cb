//! Text that people type for others to read: a line, or a paragraph of several lines.
//!
//! Characters that turn the direction of what follows are dropped, because with them a text can
//! read as another. The marks that scripts need to be written (joiners, direction marks, variation
//! selectors) stay, but don't make two texts different or an empty one full.

use thiserror::Error;
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

use crate::platform::pasted::{is_invisible, is_space};

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// It is too long.
    #[error("Use at most {most} characters. This has {length}.")]
    TooLong {
        /// The maximum length in characters.
        most: usize,
        /// The actual length.
        length: usize,
    },
    /// It has a control character.
    #[error("This contains a character we can't show. Retype it.")]
    ControlCharacter,
}

/// A text of one line, with single spaces. It may be blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Parses a text of at most this many characters; line breaks become spaces.
    ///
    /// # Errors
    /// If it is longer, or has control characters.
    pub fn parse(typed: &str, most: usize) -> Result<Self, TextError> {
        let line = one_line(typed);
        if line.contains(char::is_control) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(short_enough(line, most)?))
    }

    /// Takes the beginning of a text, without its control characters.
    #[must_use]
    pub fn cut(typed: &str, most: usize) -> Self {
        let line = one_line(typed);
        let shown = line.chars().filter(|sign| !sign.is_control());
        Self(shown.take(most).collect())
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        is_blank(&self.0)
    }

    /// A key that texts have in common if they look the same but for case: it ignores differences
    /// of spacing, compatibility forms and invisible characters.
    #[must_use]
    pub fn key(&self) -> String {
        let folded = fold(&visible(&self.0));
        single_spaced(&folded.nfkc().collect::<String>())
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0
    }
}

/// A text of several lines. It may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph(String);

impl Paragraph {
    /// Parses a text of at most this many characters.
    ///
    /// # Errors
    /// If it is longer, or has control characters other than tabs and line breaks.
    pub fn parse(typed: &str, most: usize) -> Result<Self, TextError> {
        let text = without_turns(typed)
            .replace("\r\n", "\n")
            .replace('\r', "\n");
        if text.contains(|sign: char| sign.is_control() && !matches!(sign, '\n' | '\t')) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(short_enough(text.trim().to_owned(), most)?))
    }
}

impl From<Paragraph> for String {
    fn from(paragraph: Paragraph) -> Self {
        paragraph.0
    }
}

/// Whether a text has only spaces and invisible characters.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|sign| is_invisible(sign) || is_space(sign))
}

/// Returns a text without invisible characters, and with one kind of space.
#[must_use]
pub fn visible(text: &str) -> String {
    let seen = text.chars().filter(|sign| !is_invisible(*sign));
    seen.map(|sign| if is_space(sign) { ' ' } else { sign })
        .collect()
}

/// Folds case and compatibility forms, by Unicode's full folding: `Straße` becomes `strasse`.
/// Folding may compose letters that fold further, so it is done twice.
#[must_use]
pub fn fold(text: &str) -> String {
    let once = |text: &str| UniCase::unicode(text.nfkd().collect::<String>()).to_folded_case();
    once(&once(text))
}

/// Drops Unicode's explicit directional characters: embeddings, overrides, isolates and their ends.
fn without_turns(text: &str) -> String {
    let turns = |sign| matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(turns, "")
}

fn one_line(typed: &str) -> String {
    single_spaced(&without_turns(typed))
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn short_enough(text: String, most: usize) -> Result<String, TextError> {
    let length = text.chars().count();
    if length > most {
        Err(TextError::TooLong { most, length })
    } else {
        Ok(text)
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
