//! Unit tests of `phone`.

use super::*;

const STRICT: Policy = Policy {
    fiction: false,
    voip: false,
    named: Vec::new(),
};
const DEMO: Policy = Policy {
    fiction: true,
    voip: false,
    named: Vec::new(),
};

fn strict(input: &str) -> Result<String, PhoneError> {
    Phone::parse(input, None, STRICT).map(|phone| phone.e164().to_owned())
}

fn demo(input: &str) -> Result<String, PhoneError> {
    Phone::parse(input, None, DEMO).map(|phone| phone.e164().to_owned())
}

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

#[test]
fn letters_extensions_and_a_second_plus_are_refused() {
    let refused = [
        "+44 7400 12345O",
        "+1 800 FLOWERS",
        "+447400123456;ext=5",
        "+447400123456 x5",
        "+447400123456,5",
        "+447400123456、5",
        "+44740012\u{0}3456",
        "++447400123456",
        "+\u{200b}+447400123456",
        "447400+123456",
        "44 (+7400) 123456",
        "00+447400123456",
        "+44*7400#123456",
        "＋44＊7400＃123456",
        "*+447400123456*",
        "phone: +447400123456",
        "+44740012345½",
        "+44740012345六",
        "+44 7400 123456\u{2460}",
    ];
    for typed in refused {
        assert_eq!(strict(typed), Err(PhoneError::Characters), "{typed:?}");
    }
}

#[test]
fn each_refusal_says_what_to_do() {
    assert_eq!(strict(""), Err(PhoneError::Empty));
    for empty in [" \t\n", "\u{a0}", "\u{202a}\u{202c}", "."] {
        assert_eq!(strict(empty), Err(PhoneError::Empty), "{empty:?}");
    }
    assert_eq!(strict("07400 123456"), Err(PhoneError::NoCountry));
    assert_eq!(strict("447400123456"), Err(PhoneError::NoCountry));
    for country in ["", "XX", "GBR", "001", "G1", "+44", "\u{0}\u{0}"] {
        assert_eq!(
            Phone::parse("07400 123456", Some(country), STRICT),
            Err(PhoneError::NoCountry),
            "{country:?}"
        );
    }
    assert_eq!(strict("+999 123 456 789"), Err(PhoneError::UnknownCountry));
    assert_eq!(strict("+0044 7400 123456"), Err(PhoneError::UnknownCountry));
    for short in ["+", "+()", "+44", "7", "+44 7400 1"] {
        assert_eq!(strict(short), Err(PhoneError::TooShort), "{short}");
    }
    assert_eq!(
        strict("+1 253 0000"),
        Err(PhoneError::TooShort),
        "the area code is missing"
    );
    for long in [
        "+44 7400 123456 789",
        "+49 4687 534163 0187",
        &"1".repeat(5_000),
        &format!("+{}", "9".repeat(300)),
    ] {
        assert_eq!(strict(long), Err(PhoneError::TooLong));
    }
    assert_eq!(strict("+1 123 456 7890"), Err(PhoneError::NotANumber));
}

#[test]
fn numbers_that_cost_or_belong_to_nobody_are_refused_by_kind() {
    assert_eq!(strict("+44 909 879 0000"), Err(PhoneError::PremiumRate));
    assert_eq!(strict("+1 900 234 5678"), Err(PhoneError::PremiumRate));
    assert_eq!(strict("+808 1234 5678"), Err(PhoneError::SharedCost));
    assert_eq!(strict("+1 800 234 5678"), Err(PhoneError::TollFree));
    assert_eq!(strict("+800 1234 5678"), Err(PhoneError::TollFree));
    assert_eq!(strict("+44 7640 123456"), Err(PhoneError::Pager));
    assert_eq!(strict("+44 55 1234 5678"), Err(PhoneError::Company));
    assert_eq!(strict("+41 860 74 123 45 67"), Err(PhoneError::Voicemail));
}

#[test]
fn internet_telephony_goes_by_the_policy() {
    assert_eq!(strict("+44 56 1234 5678"), Err(PhoneError::Voip));
    let phone = Phone::parse(
        "+44 56 1234 5678",
        None,
        Policy {
            voip: true,
            ..STRICT
        },
    )
    .unwrap();
    assert_eq!(
        (phone.e164(), phone.channel()),
        ("+445612345678", Channel::Sms)
    );
}

#[test]
fn fiction_is_accepted_in_a_demo_and_only_there_unless_it_could_be_real() {
    let kept = [
        ("+44 7700 900000", Channel::Sms),
        ("+44 7700 900999", Channel::Sms),
        ("+44 1632 960123", Channel::Voice),
        ("+44 20 7946 0999", Channel::Voice),
        ("+1 212 555 0100", Channel::Sms),
        ("+1 555 555 0199", Channel::Sms),
        ("+33 1 99 00 12 34", Channel::Voice),
        ("+33 5 36 49 12 34", Channel::Voice),
        ("+33 6 39 98 12 34", Channel::Sms),
        ("+61 491 570 156", Channel::Sms),
    ];
    for (typed, channel) in kept {
        let phone = Phone::parse(typed, None, DEMO).expect(typed);
        assert_eq!(phone.channel(), channel, "{typed}");
        assert_eq!(Phone::from_stored(phone.e164().to_owned()), Some(phone));
    }
    assert_eq!(demo("07700 900123"), Err(PhoneError::NoCountry));
    assert_eq!(
        Phone::parse("07700 900123", Some("GB"), DEMO)
            .unwrap()
            .e164(),
        "+447700900123"
    );
    assert_eq!(strict("+44 7700 900123"), Err(PhoneError::NotANumber));
    assert_eq!(strict("+1 555 555 0199"), Err(PhoneError::NotANumber));
}

#[test]
fn what_lies_beside_fiction_is_judged_as_usual() {
    for typed in [
        "+44 7700 901000",
        "+1 555 555 0200",
        "+1 555 555 0099",
        "+1 100 555 0100",
    ] {
        assert_eq!(demo(typed), Err(PhoneError::NotANumber), "{typed}");
    }
    assert_eq!(demo("+1 800 555 0100"), Err(PhoneError::TollFree));
    assert_eq!(demo("+44 7700 90012"), Err(PhoneError::NotANumber));
    assert_eq!(demo("+44 7700 9001234"), Err(PhoneError::TooLong));
    assert_eq!(demo("+44 7400 123456").as_deref(), Ok("+447400123456"));
}

#[test]
fn a_fixed_line_is_rung_up_and_everything_else_gets_a_text() {
    let channel = |typed| Phone::parse(typed, None, STRICT).map(|phone| phone.channel());
    assert_eq!(channel("+41 44 668 18 00"), Ok(Channel::Voice));
    assert_eq!(channel("+44 7400 123456"), Ok(Channel::Sms));
    assert_eq!(channel("+1 650 253 0000"), Ok(Channel::Sms));
    assert_eq!(channel("+1 416 555 0199"), Ok(Channel::Sms));
}

#[test]
fn a_number_shows_itself_whole_only_when_asked_to() {
    let phone = Phone::parse("+44 7700 900123", None, DEMO).unwrap();
    assert_eq!(phone.masked(), "+44 ···· ··23");
    assert_eq!(format!("{phone:?}"), "Phone(+44 ···· ··23)");
    assert_eq!(phone.formatted(), "+44 7700 900123");
    assert_eq!((phone.digits(), phone.country_code()), ("447700900123", 44));
    assert_eq!(
        Phone::parse("+1 650 253 0000", None, STRICT)
            .unwrap()
            .masked(),
        "+1 ···· ··00"
    );
}

#[test]
fn a_number_belongs_to_a_country_even_where_several_share_a_code() {
    let country = |typed| {
        Phone::parse(typed, None, DEMO)
            .unwrap()
            .country()
            .map(|country| country.region)
    };
    assert_eq!(country("+44 7700 900123"), Some("GB"));
    assert_eq!(country("+44 7781 123456"), Some("GG"));
    assert_eq!(country("+1 650 253 0000"), Some("US"));
    assert_eq!(country("+1 416 555 0199"), Some("CA"));
    assert_eq!(country("+1 212 555 0100"), Some("US"));
    let policy = Policy {
        named: vec!["881".to_owned()],
        ..STRICT
    };
    assert_eq!(
        Phone::parse("+881 612345678", None, policy)
            .unwrap()
            .country(),
        None
    );
}

#[test]
fn what_was_stored_is_taken_back_by_its_shape_alone() {
    let stored = |text: &str| Phone::from_stored(text.to_owned());
    let retired = stored("+999123456").unwrap();
    assert_eq!(
        (retired.country_code(), retired.formatted()),
        (0, "+999123456".to_owned())
    );
    for odd in [
        "",
        "+",
        "447700900123",
        "+44 7700 900123",
        "+44770090012x",
        "+044770090012",
        "+1234567890123456",
        "+44７００",
    ] {
        assert_eq!(stored(odd), None, "{odd:?}");
    }
}
