//! Unit tests of `limits`.

use crate::platform::config::Config;
use crate::platform::config::limits::*;

fn ceilings(settings: &[(&str, &str)]) -> Result<SendLimits, String> {
    let environment = |name: &str| {
        settings
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Config::from_sources("", environment)
        .map(|config| config.ceilings)
        .map_err(|error| error.to_string())
}

#[test]
fn without_settings_every_country_may_have_codes_and_nothing_has_a_price() {
    let ceilings = ceilings(&[]).unwrap();
    assert!(ceilings.allows("GB") && ceilings.allows("001"));
    assert_eq!(
        (
            ceilings.hourly,
            ceilings.daily,
            ceilings.from_address,
            ceilings.daily_spend
        ),
        (1_000, 5_000, 200, None)
    );
    assert_eq!(
        ceilings.price("GB"),
        crate::platform::config::money::Money::default()
    );
}

#[test]
fn countries_and_prices_are_read_as_people_write_them() {
    let settings = [
        ("POLLSTR_COUNTRIES", "gb, IE"),
        ("POLLSTR_PRICES", "gb=0.0412, *=0.1"),
        ("POLLSTR_DAILY_SPEND", "25"),
    ];
    let ceilings = ceilings(&settings).unwrap();
    assert!(ceilings.allows("IE") && !ceilings.allows("FR") && !ceilings.allows("001"));
    assert_eq!(
        (ceilings.price("GB"), ceilings.price("FR")),
        ("0.041200".parse().unwrap(), "0.100000".parse().unwrap())
    );
    assert_eq!(ceilings.daily_spend, Some("25.000000".parse().unwrap()));
}

#[test]
fn ranges_are_named_by_their_first_digits_and_are_no_countries() {
    let some = ceilings(&[("POLLSTR_COUNTRIES", "GB +8816, +49 32,fr")]).unwrap();
    assert_eq!(
        (some.countries.join(" "), some.ranges.join(" ")),
        ("GB FR".to_owned(), "8816 4932".to_owned())
    );
    assert!(
        some.takes(None, "881612345678")
            && some.takes(Some("DE"), "4932212345678")
            && some.takes(Some("GB"), "447400123456")
    );
    assert!(!some.takes(None, "881812345678") && !some.takes(Some("DE"), "4915112345678"));
    assert!(
        ceilings(&[]).unwrap().takes(None, "881612345678"),
        "whether such numbers get codes at all is not said here"
    );
    for wrong in ["GB, +", "GB +x", "+0044", "+1234567890123", "GB 44", "+8"] {
        assert!(
            ceilings(&[("POLLSTR_COUNTRIES", wrong)]).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn the_ceilings_that_an_assembly_would_meet_are_named() {
    let ceilings = ceilings(&[]).unwrap();
    assert_eq!(ceilings.in_the_way_of(1_000, 5), None);
    let named = ceilings.in_the_way_of(6_000, 4).unwrap();
    assert!(
        named.contains(
            "POLLSTR_HOURLY_SENDS (1000 an hour) and POLLSTR_DAILY_SENDS (5000 in 24 hours)"
        ),
        "{named}"
    );
}

#[test]
fn what_is_wrong_is_named() {
    for (setting, value) in [
        ("POLLSTR_COUNTRIES", "GB, Ireland"),
        ("POLLSTR_PRICES", "GB 0.04"),
        ("POLLSTR_PRICES", "GB=-1"),
        ("POLLSTR_PRICES", "GB=0.0000001"),
        ("POLLSTR_DAILY_SPEND", "25"),
        ("POLLSTR_DAILY_SPEND", "lots"),
        ("POLLSTR_DAILY_SENDS", "0"),
        ("POLLSTR_HOURLY_SENDS", "-5"),
        ("POLLSTR_ADDRESS_SENDS", "many"),
    ] {
        assert!(
            ceilings(&[(setting, value)])
                .unwrap_err()
                .starts_with(setting),
            "{setting}={value}"
        );
    }
}
