//! Unit tests of `phone`: numbers reserved for fiction.

use super::{DEMO, strict};
use crate::verification::numbers::phone::*;

fn demo(input: &str) -> Result<String, PhoneError> {
    Phone::parse(input, None, DEMO).map(|phone| phone.e164().to_owned())
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
