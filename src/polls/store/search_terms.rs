//! What a question is found by: its words, whatever their case and accents, by their beginnings.
//!
//! Some scripts put no spaces between words. There every pair of neighbouring characters is indexed,
//! and a search needs all pairs of what it looks for.

use std::collections::BTreeSet;

use icu_properties::props::GeneralCategory;
use unicode_normalization::UnicodeNormalization;

use crate::platform::pasted::category;
use crate::platform::text::fold;

/// Maximum number of terms in a search; the longest are kept as the most selective.
const MAX_TERMS: usize = 8;

/// Part of a text: a word between spaces, or a run of characters of a script without them.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    Word(String),
    Dense(Vec<char>),
}

/// The terms of a search, longest first.
pub(super) fn wanted(text: &str) -> Vec<String> {
    let terms: BTreeSet<String> = runs(text)
        .into_iter()
        .flat_map(|run| match run {
            Run::Word(word) => vec![word],
            Run::Dense(signs) if signs.len() == 1 => vec![signs.iter().collect()],
            Run::Dense(signs) => pairs(&signs).collect(),
        })
        .collect();
    let mut terms: Vec<String> = terms.into_iter().collect();
    terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
    terms.truncate(MAX_TERMS);
    terms
}

/// The terms that a text is found by.
pub(super) fn indexed(text: &str) -> BTreeSet<String> {
    runs(text)
        .into_iter()
        .flat_map(|run| match run {
            Run::Word(word) => beginnings(&word),
            Run::Dense(signs) => {
                let single = signs.iter().map(char::to_string);
                single.chain(pairs(&signs)).collect()
            }
        })
        .collect()
}

fn beginnings(word: &str) -> Vec<String> {
    let ends = word
        .char_indices()
        .map(|(start, sign)| start + sign.len_utf8());
    ends.map(|end| word[..end].to_owned()).collect()
}

fn pairs(signs: &[char]) -> impl Iterator<Item = String> {
    signs.windows(2).map(|pair| pair.iter().collect())
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for part in plain(text).split(|sign: char| !sign.is_alphanumeric()) {
        let signs: Vec<char> = part.chars().collect();
        for run in signs.chunk_by(|one, next| is_dense(*one) == is_dense(*next)) {
            runs.push(if is_dense(run[0]) {
                Run::Dense(run.to_vec())
            } else {
                Run::Word(run.iter().collect())
            });
        }
    }
    runs
}

/// Folds case, and drops the marks on letters that keyboards may lack: `Café` is `cafe`.
fn plain(text: &str) -> String {
    fold(text)
        .chars()
        .filter(|sign| !is_accent(*sign))
        .map(|sign| if sign == 'ı' { 'i' } else { sign })
        .nfc()
        .collect()
}

/// Returns whether a character is a mark on a letter: a combining diacritic, or a vowel or tone
/// sign that is no letter by itself and would end a word.
fn is_accent(sign: char) -> bool {
    matches!(sign, '\u{300}'..='\u{36f}')
        || (category(sign) == GeneralCategory::NonspacingMark && !sign.is_alphanumeric())
}

/// Returns whether a character is of a script without spaces between words: Thai, Lao, Burmese,
/// Khmer, kana and Han.
fn is_dense(sign: char) -> bool {
    matches!(
        sign,
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &str, question: &str) -> bool {
        let (wanted, indexed) = (wanted(search), indexed(question));
        !wanted.is_empty() && wanted.iter().all(|term| indexed.contains(term))
    }

    #[test]
    fn words_are_found_by_their_beginnings_in_any_script() {
        assert_eq!(
            indexed("Up, up!").into_iter().collect::<Vec<_>>(),
            ["u", "up"]
        );
        for (search, question) in [
            ("größ", "Größe der Hunde?"),
            ("нов", "Что нового?"),
            ("हिन्दी", "क्या आप हिन्दी बोलते हैं?"),
            ("한국", "한국어를 배우고 싶어요?"),
            ("kind dog", "What kind of dog?"),
        ] {
            assert!(finds(search, question), "{search}: {question}");
        }
        assert!(!finds("ind", "What kind of dog?"));
        assert!(indexed("?!").is_empty());
    }

    #[test]
    fn case_and_accents_make_no_difference() {
        for (search, question) in [
            ("cafe", "Which café?"),
            ("CAFÉ", "Which cafe?"),
            ("STRASSE", "Welche Straße?"),
            ("straße", "WELCHE STRASSE?"),
            ("istanbul", "İstanbul mu?"),
            ("ISTANBUL", "İstanbul mu?"),
            ("ilik", "Ilık su?"),
            ("nguyen", "Nguyễn?"),
            ("αθηνα", "Πάμε Αθήνα;"),
            ("fish", "ﬁsh or meat?"),
        ] {
            assert!(finds(search, question), "{search}: {question}");
        }
    }

    #[test]
    fn where_no_spaces_are_written_any_part_is_found() {
        let venue = "2032年の東京オリンピックの会場はどこ?";
        for part in [
            "東京",
            "オリンピック",
            "会場",
            "東",
            "2032",
            "京オリ",
            "ｵﾘﾝﾋﾟｯｸ",
        ] {
            assert!(finds(part, venue), "{part}");
        }
        assert!(!finds("京都", venue));
        assert!(!finds("大会", venue));
        let lunch = "เราควรกินข้าวเที่ยงที่ไหน";
        assert!(finds("ข้าว", lunch) && finds("เที่ยง", lunch));
        assert!(!finds("เย็น", lunch));
    }

    #[test]
    fn the_longest_term_of_a_search_leads() {
        assert_eq!(wanted("a kind of DOG"), ["kind", "dog", "of", "a"]);
        assert_eq!(wanted("a b c d e f g h i j").len(), MAX_TERMS);
    }
}
