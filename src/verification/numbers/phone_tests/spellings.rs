//! Unit tests of `phone`: the ways in which one number may be written.

use super::{DEMO, STRICT, strict};
use crate::verification::numbers::phone::*;

#[test]
fn every_spelling_of_a_number_is_the_same_number() {
    let spellings = [
        ("+41446681800", None),
        ("  +41 44 668 18 00\t", None),
        ("0041 44 668 18 00", None),
        ("00 41 (44) 668-18-00", None),
        ("+41 (0)44 668.18.00", None),
        ("+41 044 668 18 00", None),
        ("+41/44/6681800", None),
        ("044 668 18 00", Some("CH")),
        ("044 668 18 00", Some(" ch ")),
        ("44 668 18 00", Some("CH")),
        ("+41 44 668 18 00", Some("US")),
        ("+41 44 668 18 00", Some("nonsense")),
    ];
    for (typed, country) in spellings {
        let phone = Phone::parse(typed, country, STRICT).map(|phone| phone.e164().to_owned());
        assert_eq!(
            phone.as_deref(),
            Ok("+41446681800"),
            "{typed:?} {country:?}"
        );
    }
}

#[test]
fn the_canonical_form_parses_to_itself() {
    let typed = [
        "+1 1 650 253 0000",
        "+39 06 698 12345",
        "+44 7400 123456",
        "+49 30 123456",
        "+54 9 11 2345 6789",
        "+55 1196123-4567",
    ];
    for typed in typed {
        let once = strict(typed).expect(typed);
        assert_eq!(strict(&once).as_ref(), Ok(&once));
    }
    assert_eq!(
        strict("+39 06 698 12345").as_deref(),
        Ok("+390669812345"),
        "an Italian zero belongs to the number"
    );
}

#[test]
fn a_number_is_read_however_it_was_copied() {
    let copied = [
        // From contacts and messengers.
        "\u{202a}+44 7400 123456\u{202c}",
        "\u{202d}+44 7400 123456\u{202c}",
        "\u{2068}+44 7400 123456\u{2069}",
        "\u{200e}+44 7400 123456",
        "\u{feff}+447400123456",
        // From our own pages, other web pages, PDFs and word processors.
        "+44\u{a0}7400\u{a0}123456",
        "+44\u{202f}7400\u{202f}123456",
        "+44\u{2009}7400\u{3000}123456",
        "+44\u{2011}7400\u{2011}123456",
        "+44–7400—123456",
        "+44 7400 123\u{ad}456",
        "+44\u{200b}7400123456",
        "+44 7400\n123456",
        "+44\u{2212}7400\u{2043}123456",
        "+44·7400·123456",
        // From spreadsheets, links and sentences.
        "\"+44 7400 123456\"\r\n",
        "'+447400123456\t",
        "tel:+447400123456",
        "TEL: +44-7400-123456",
        "+44 7400 123456,",
        "+44 7400 123456.",
        "+44 7400 123456;",
        "(+44) 7400 123456",
        "(+44)(7400)123456",
        "[+44] 7400 123456",
        "- +44 7400 123456",
        // As written by keyboards around the world.
        "\u{ff0b}447400123456",
        "＋４４　７４００－１２３４５６",
        "（＋４４）７４００ー１２３４５６",
        "+٤٤ ٧٤٠٠ ١٢٣٤٥٦",
        "٠٠٤٤٧٤٠٠١٢٣٤٥٦",
        "+۴۴۷۴۰۰۱۲۳۴۵۶",
        "+४४ ७४०० १२३४५६",
        "+৪৪৭৪০০১২৩৪৫৬",
        "+๔๔๗๔๐๐๑๒๓๔๕๖",
        "+𝟒𝟒𝟕𝟒𝟎𝟎𝟏𝟐𝟑𝟒𝟓𝟔",
        "+44 7400 12345\u{0666}",
    ];
    for typed in copied {
        assert_eq!(strict(typed).as_deref(), Ok("+447400123456"), "{typed:?}");
    }
    for typed in [
        "+1 (650) 253\u{2011}0000",
        "+1 (650)\u{a0}253-0000",
        "\u{202a}+1 (650) 253-0000\u{202c}",
    ] {
        assert_eq!(strict(typed).as_deref(), Ok("+16502530000"), "{typed:?}");
    }
    assert_eq!(strict("+٩٦٦٥٠١٢٣٤٥٦٧").as_deref(), Ok("+966501234567"));
    let national = [
        ("IR", "۰۹۱۲۳۴۵۶۷۸۹", "+989123456789"),
        ("IR", "۰۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
        ("IN", "९८७६५४३२१०", "+919876543210"),
        ("SA", "٠٥٠١٢٣٤٥٦٧", "+966501234567"),
        ("BD", "০১৭১২৩৪৫৬৭৮", "+8801712345678"),
        ("TH", "๐๘๑๒๓๔๕๖๗๘", "+66812345678"),
        ("JP", "０９０－１２３４－５６７８", "+819012345678"),
        ("JP", "０９０ー１２３４ー５６７８", "+819012345678"),
        ("GB", "(07400) 123456", "+447400123456"),
    ];
    for (country, typed, number) in national {
        assert_eq!(
            Phone::parse(typed, Some(country), STRICT)
                .map(|phone| phone.e164().to_owned())
                .as_deref(),
            Ok(number),
            "{typed}"
        );
    }
}

#[test]
fn a_number_as_it_is_shown_can_be_pasted_back() {
    for number in [
        "+44 7700 900123",
        "+1 212 555 0100",
        "+33 1 99 00 12 34",
        "+61 491 570 156",
    ] {
        let phone = Phone::parse(number, None, DEMO).unwrap();
        for shown in [
            phone.formatted(),
            phone.formatted().replace(' ', "\u{a0}"),
            format!("{},", phone.formatted()),
        ] {
            assert_eq!(
                Phone::parse(&shown, None, DEMO),
                Ok(phone.clone()),
                "{shown:?}"
            );
        }
    }
}
