//! Unit tests of `phone`: what is refused, and with which error.

use super::{STRICT, strict};
use crate::verification::numbers::phone::*;

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
fn premium_rate_and_special_numbers_are_refused_by_kind() {
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
