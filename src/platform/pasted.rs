//! What people copy and paste, in its plain form: numbers, codes, receipts and names arrive with more than one can see.
//!
//! Contacts wrap a number in signs that steer its direction, PDFs and word processors put in unusual spaces and hyphens, phones
//! type the digits of their language, and a message with a code is pasted whole. All of it is read here, once, the same for every field.

use icu_properties::props::{Dash, DefaultIgnorableCodePoint, GeneralCategory, WhiteSpace};
use icu_properties::{CodePointMapData, CodePointSetData};
use thiserror::Error;

/// How many digits a code has.
const CODE_DIGITS: usize = 6;
/// How many signs may stand between two digits of a code, as in `1, 2, 3` or `123 - 456`.
const WIDEST_GAP: usize = 3;

/// Dashes that Unicode lists elsewhere: the modifier minus, the hyphen bullet, lines of boxes, and the heavy minus.
const OTHER_DASHES: [char; 5] = ['\u{2d7}', '\u{2043}', '\u{2500}', '\u{2501}', '\u{2796}'];
/// The Japanese sign for a long vowel. It is part of a word, and between digits a dash.
const LONG_VOWELS: [char; 2] = ['\u{30fc}', '\u{ff70}'];
/// Quotation marks and brackets, which spreadsheets and messengers put around what is copied.
const AROUND: &str = "\"'`<>«»‹›“”„‟‘’‚‛()[]";

/// Whether a character shows nothing by definition: format controls, variation selectors, fillers.
#[must_use]
pub fn is_invisible(sign: char) -> bool {
    category(sign) == GeneralCategory::Format
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(sign)
}

/// Whether a character is a space of any kind. The blank pattern of Braille looks like one.
#[must_use]
pub fn is_space(sign: char) -> bool {
    CodePointSetData::new::<WhiteSpace>().contains(sign) || sign == '\u{2800}'
}

/// Whether a character is a dash or a hyphen of any kind.
#[must_use]
pub fn is_dash(sign: char) -> bool {
    CodePointSetData::new::<Dash>().contains(sign) || OTHER_DASHES.contains(&sign)
}

/// The ASCII digit for a decimal digit of any script.
#[must_use]
pub fn digit(sign: char) -> Option<char> {
    let is_digit = |sign: &char| category(*sign) == GeneralCategory::DecimalNumber;
    // Unicode keeps the ten digits of a script together and in order; where sets follow each other, each begins after ten.
    let before = (0..u32::from(sign))
        .rev()
        .map_while(char::from_u32)
        .take_while(is_digit)
        .count();
    if is_digit(&sign) {
        char::from_digit(u32::try_from(before).ok()? % 10, 10)
    } else {
        None
    }
}

/// The general category of a character.
pub(crate) fn category(sign: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(sign)
}

/// Returns a copied text without what is invisible, and with the ASCII sign for each space, dash, digit, dot and comma, and for
/// each full-width form. Blanks at both ends are gone.
#[must_use]
pub fn plain(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|sign| !is_invisible(*sign))
        .map(ascii)
        .collect();
    plain.trim().to_owned()
}

fn ascii(sign: char) -> char {
    match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        '\u{207a}' | '\u{208a}' | '\u{fe62}' | '\u{2795}' => '+',
        '·' | '•' | '․' | '‧' | '∙' | '⋅' | '・' | '･' | '。' | '｡' => '.',
        '،' | '、' | '､' | '﹐' | '﹑' => ',',
        '؛' | '﹔' => ';',
        '⁄' | '∕' => '/',
        sign if is_space(sign) => ' ',
        sign if is_dash(sign) || LONG_VOWELS.contains(&sign) => '-',
        sign => digit(sign).unwrap_or(sign),
    }
}

/// Returns a copied text as [`plain`] does, without quotation marks and brackets around it and without the `.,;` of the sentence it stood in.
#[must_use]
pub fn word(text: &str) -> String {
    let around = |sign: char| sign == ' ' || AROUND.contains(sign);
    let plain = plain(text);
    plain
        .trim_start_matches(around)
        .trim_end_matches(|sign| around(sign) || ".,;:".contains(sign))
        .to_owned()
}

/// Returns a copied phone number as [`word`] does, without the `tel:` of a link. What is no part of a number is left in it, to be
/// refused with a reason.
#[must_use]
pub fn number(text: &str) -> String {
    let word = word(text);
    let link = word
        .get(..3)
        .filter(|scheme| scheme.eq_ignore_ascii_case("tel"))
        .and_then(|_| word.get(3..)?.trim_start().strip_prefix(':'));
    link.map_or(word.as_str(), |number| {
        number.trim_start_matches(['/', ' '])
    })
    .to_owned()
}

/// Why a copied text gave no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodeError {
    /// No six digits in a row.
    #[error("there are no six digits")]
    None,
    /// Several that differ.
    #[error("there is more than one code")]
    Several,
}

/// Finds the six digits of a code in what was typed or pasted, such as a whole message. Six digits without a gap come first; else
/// groups of digits count that make six together.
///
/// # Errors
/// When there is no code, or more than one.
pub fn code(text: &str) -> Result<String, CodeError> {
    let plain = plain(text);
    let groups = groups(&plain);
    let whole = groups
        .iter()
        .filter(|(_, digits)| digits.len() == CODE_DIGITS)
        .map(|(_, digits)| (*digits).to_owned());
    only(whole).or_else(|error| {
        if error == CodeError::None {
            only((0..groups.len()).filter_map(|first| joined(&groups[first..])))
        } else {
            Err(error)
        }
    })
}

/// The groups of digits, each with whether it follows closely on the one before.
fn groups(plain: &str) -> Vec<(bool, &str)> {
    let mut groups = Vec::new();
    let mut rest = plain;
    while let Some(start) = rest.find(|sign: char| sign.is_ascii_digit()) {
        let (gap, digits) = rest.split_at(start);
        let close = gap.len() <= WIDEST_GAP
            && gap
                .chars()
                .all(|sign| matches!(sign, ' ' | '-' | '.' | ','));
        let end = digits
            .find(|sign: char| !sign.is_ascii_digit())
            .unwrap_or(digits.len());
        groups.push((close, &digits[..end]));
        rest = &digits[end..];
    }
    groups
}

/// The first groups of these, where they make a code together.
fn joined(groups: &[(bool, &str)]) -> Option<String> {
    let (_, first) = groups.first()?;
    let mut code = (*first).to_owned();
    for (_, digits) in groups[1..].iter().take_while(|(close, _)| *close) {
        if code.len() >= CODE_DIGITS {
            break;
        }
        code.push_str(digits);
    }
    (code.len() == CODE_DIGITS).then_some(code)
}

/// The one code that all candidates are.
fn only(mut candidates: impl Iterator<Item = String>) -> Result<String, CodeError> {
    let code = candidates.next().ok_or(CodeError::None)?;
    if candidates.all(|other| other == code) {
        Ok(code)
    } else {
        Err(CodeError::Several)
    }
}

#[cfg(test)]
#[path = "pasted_tests.rs"]
mod tests;
