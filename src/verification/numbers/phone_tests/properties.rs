//! Unit tests of `phone`: the channel, text and country of a number, and reading it back.

use super::{DEMO, STRICT};
use crate::verification::numbers::phone::*;

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
