//! Normalises pasted text: numbers, codes, receipts and names arrive with invisible characters.
//!
//! Contacts apps wrap numbers in bidirectional controls, PDFs and word processors insert unusual
//! spaces and hyphens, phones type the digits of their language, and a message with a code is
//! pasted whole. Every field uses this one parser.

use icu_properties::props::{Dash, DefaultIgnorableCodePoint, GeneralCategory, WhiteSpace};
use icu_properties::{CodePointMapData, CodePointSetData};
use thiserror::Error;

/// Digits of a code.
const CODE_DIGITS: usize = 6;
/// Most characters between two digits of a code, as in `1, 2, 3` or `123 - 456`.
const WIDEST_GAP: usize = 3;

/// Dashes outside Unicode's dash category: modifier minus, hyphen bullet, box drawing, heavy minus.
const OTHER_DASHES: [char; 5] = ['\u{2d7}', '\u{2043}', '\u{2500}', '\u{2501}', '\u{2796}'];
/// The Japanese long vowel mark: part of a word, but a dash between digits.
const LONG_VOWELS: [char; 2] = ['\u{30fc}', '\u{ff70}'];
/// Quotation marks and brackets that spreadsheets and messengers add around copied text.
const AROUND: &str = "\"'`<>«»‹›“”„‟‘’‚‛()[]";

/// Returns whether a character is invisible by definition: format controls, variation selectors,
/// fillers.
#[must_use]
pub fn is_invisible(sign: char) -> bool {
    category(sign) == GeneralCategory::Format
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(sign)
}

/// Returns whether a character is a space, including the blank Braille pattern, which looks like
/// one.
#[must_use]
pub fn is_space(sign: char) -> bool {
    CodePointSetData::new::<WhiteSpace>().contains(sign) || sign == '\u{2800}'
}

/// Returns whether a character is a dash or hyphen.
#[must_use]
pub fn is_dash(sign: char) -> bool {
    CodePointSetData::new::<Dash>().contains(sign) || OTHER_DASHES.contains(&sign)
}

/// Returns the ASCII digit for a decimal digit of any script.
#[must_use]
pub fn digit(sign: char) -> Option<char> {
    let is_digit = |sign: &char| category(*sign) == GeneralCategory::DecimalNumber;
    // Unicode keeps the ten digits of a script together and in order.
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

/// Returns the Unicode general category of a character.
pub(crate) fn category(sign: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(sign)
}

/// Returns the text without invisible characters, trimmed, with ASCII for spaces, dashes, digits,
/// dots, commas and full-width forms.
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

/// Returns the text as [`plain`] does, without surrounding quotes or brackets and without trailing
/// `.,;`.
#[must_use]
pub fn word(text: &str) -> String {
    let around = |sign: char| sign == ' ' || AROUND.contains(sign);
    let plain = plain(text);
    plain
        .trim_start_matches(around)
        .trim_end_matches(|sign| around(sign) || ".,;:".contains(sign))
        .to_owned()
}

/// Returns a pasted phone number as [`word`] does, without the `tel:` of a link. Characters that
/// can't be part of a number stay, so the number is refused with a reason.
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

/// Why no code was found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodeError {
    /// There are not six digits.
    #[error("there are no six digits")]
    None,
    /// There are several different codes.
    #[error("there is more than one code")]
    Several,
}

/// Finds the six-digit code in typed or pasted text, such as a whole message. Six adjacent digits
/// win over groups that add up to six.
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

/// Returns the groups of digits and whether each follows the previous one closely.
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

/// Returns the code that the first groups form, if they do.
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

/// Returns the only distinct candidate.
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
