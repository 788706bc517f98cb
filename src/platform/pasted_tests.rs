//! Unit tests of `pasted`.

use super::*;

#[test]
fn the_digits_of_every_script_are_digits() {
    for digits in [
        "٠١٢٣٤٥٦٧٨٩",
        "۰۱۲۳۴۵۶۷۸۹",
        "०१२३४५६७८९",
        "০১২৩৪৫৬৭৮৯",
        "๐๑๒๓๔๕๖๗๘๙",
        "０１２３４５６７８９",
        "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
        "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
        "𞥐𞥑𞥒𞥓𞥔𞥕𞥖𞥗𞥘𞥙",
    ] {
        assert_eq!(plain(digits), "0123456789", "{digits}");
    }
    // All decimal digits of Unicode: each belongs to a run of ten that starts with a zero.
    let all: Vec<char> = ('\u{0}'..=char::MAX)
        .filter(|sign| category(*sign) == GeneralCategory::DecimalNumber)
        .collect();
    assert!(
        all.len() >= 680 && all.len().is_multiple_of(10),
        "{}",
        all.len()
    );
    for ten in all.chunks(10) {
        assert_eq!(
            ten.iter()
                .filter_map(|sign| digit(*sign))
                .collect::<String>(),
            "0123456789",
            "{ten:?}"
        );
    }
    for sign in ['½', '²', '①', 'Ⅷ', '八', 'O', 'l'] {
        assert_eq!(digit(sign), None, "{sign}");
    }
}

#[test]
fn what_is_invisible_goes_and_what_separates_is_made_plain() {
    assert_eq!(
        plain(
            "\u{202a}1\u{ad}2\u{200b}3\u{feff}4\u{2060}5\u{fe0f}6\u{202c}\u{200e}\u{e0100}\u{3164}"
        ),
        "123456"
    );
    assert_eq!(
        plain("1\u{a0}2\u{202f}3\u{3000}4\t5\n6\u{2009}7\u{2800}8"),
        "1 2 3 4 5 6 7 8"
    );
    assert_eq!(
        plain("1\u{2010}2\u{2011}3\u{2012}4–5—6\u{2212}7\u{2043}8－9ー0"),
        "1-2-3-4-5-6-7-8-9-0"
    );
    assert_eq!(plain("（０３）／．＋"), "(03)/.+");
    assert_eq!(plain("a*b#c+"), "a*b#c+");
}

#[test]
fn a_code_is_found_in_what_was_pasted() {
    for text in [
        "123456",
        " 123 456 ",
        "123-456",
        "123 - 456",
        "1 2 3 4 5 6",
        "123\u{2011}456",
        "١٢٣٤٥٦",
        "۱۲۳ ۴۵۶",
        "１２３４５６",
        "𝟏𝟐𝟑𝟒𝟓𝟔",
        "\u{2068}123456\u{2069}",
        "12\u{200b}3456",
        "123\n456",
        "123456.",
        "#123456",
        "G-123456",
        "code123456",
        "Pollstr code: 123456. Valid for 5 minutes.",
        "Pollstr code: 123456. Valid for 1 minute.",
        "Pollstr code: 1, 2, 3, 4, 5, 6.",
        "Your code is 123 456. It is good for 10 minutes.",
        "123456 is your code. @pollstr.example #123456",
        "رمز Pollstr: ١٢٣٤٥٦. صالح لمدة ٥ دقائق.",
        "123 456 10",
    ] {
        assert_eq!(code(text).as_deref(), Ok("123456"), "{text}");
    }
    for text in [
        "",
        "12345",
        "1234567",
        "12345a",
        "+12345",
        "code",
        "1234 56789",
        "123:456",
        "123    456",
        "12345½",
    ] {
        assert_eq!(code(text), Err(CodeError::None), "{text}");
    }
    for text in [
        "123456 654321",
        "Old: 123456, new: 654321",
        "123 456 123",
        "1 2 3 4 5 6 7",
    ] {
        assert_eq!(code(text), Err(CodeError::Several), "{text}");
    }
}

#[test]
fn a_number_leaves_its_link_its_sentence_and_its_quotes_behind() {
    for text in [
        "tel:+1",
        "TEL:+1",
        "Tel: +1",
        "tel://+1",
        "\u{202a}tel:+1\u{202c}",
        "\"+1\"",
        "'+1",
        "<tel:+1>",
        "[+1]",
        "(+1).",
        "+1,",
        "+1.;",
        " +1\t\r\n",
    ] {
        assert_eq!(number(text), "+1", "{text:?}");
    }
    assert_eq!(number("phone: +1"), "phone: +1");
    assert_eq!(number("téléphone"), "téléphone");
}
