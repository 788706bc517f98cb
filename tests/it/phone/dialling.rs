//! Numbers as people dial them nationally and as they were written before a renumbering, and
//! numbers without a person behind them: how each is understood.

use pollstr::verification::{Phone, PhoneError, Policy};
use serde_json::json;

use crate::support::app::Site;

fn read(typed: &str, country: &str) -> Result<String, PhoneError> {
    Phone::parse(typed, Some(country), Policy::default()).map(|phone| phone.e164().to_owned())
}

#[test]
fn a_number_that_begins_with_the_chosen_countrys_code_is_a_mobile_with_its_plus_left_out() {
    for (typed, country, number) in [
        ("4915112345678", "DE", "+4915112345678"),
        ("49 0151 12345678", "DE", "+4915112345678"),
        ("43 664 1234567", "AT", "+436641234567"),
        ("447400123456", "GB", "+447400123456"),
        ("33 6 12 34 56 78", "FR", "+33612345678"),
        ("39 338 1234567", "IT", "+393381234567"),
        ("54 9 11 2345 6789", "AR", "+5491123456789"),
        ("62 812 3456 789", "ID", "+628123456789"),
        ("7 912 345 67 89", "RU", "+79123456789"),
    ] {
        assert_eq!(
            read(typed, country).as_deref(),
            Ok(number),
            "{typed} {country}"
        );
    }
    for (typed, country, number) in [
        // With the national zero it is a landline in Leer, and stays one; so does an area code that
        // looks like the country code.
        ("04915112345", "DE", "+494915112345"),
        ("55 99123-4567", "BR", "+5555991234567"),
        ("393 1234567", "IT", "+393931234567"),
        ("650 253 0000", "US", "+16502530000"),
    ] {
        assert_eq!(
            read(typed, country).as_deref(),
            Ok(number),
            "{typed} {country}"
        );
    }
}

#[test]
fn what_a_country_has_renumbered_is_understood() {
    for (typed, country, number) in [
        ("+52 1 222 123 4567", "", "+522221234567"),
        ("1 222 123 4567", "MX", "+522221234567"),
        ("01 222 123 4567", "MX", "+522221234567"),
        ("044 222 123 4567", "MX", "+522221234567"),
        ("045 222 123 4567", "MX", "+522221234567"),
        ("0052 1 222 123 4567", "", "+522221234567"),
        ("+55 31 8765-4321", "", "+5531987654321"),
        ("(31) 8765-4321", "BR", "+5531987654321"),
        ("+229 97 12 34 56", "", "+2290197123456"),
        ("+54 11 15 2345 6789", "", "+5491123456789"),
        ("0690 12 34 56", "FR", "+590690123456"),
        ("0692 12 34 56", "FR", "+262692123456"),
        ("0696 12 34 56", "FR", "+596696123456"),
        ("0694 20 12 34", "FR", "+594694201234"),
    ] {
        assert_eq!(
            read(typed, country).as_deref(),
            Ok(number),
            "{typed} {country}"
        );
    }
    assert_eq!(read("+52 1 222 123 45678", ""), Err(PhoneError::TooLong));
    assert_eq!(read("+52 222 123 456", ""), Err(PhoneError::TooShort));
}

#[test]
fn the_chosen_countrys_own_international_prefix_is_understood() {
    for (typed, country) in [
        ("0011 44 7400 123456", "AU"),
        ("011 44 7400 123456", "US"),
        ("011 44 7400 123456", "CA"),
        ("8 10 44 7400 123456", "RU"),
        ("810 44 7400 123456", "KZ"),
        ("009 44 7400 123456", "NG"),
        ("010 44 7400 123456", "JP"),
        ("001 44 7400 123456", "HK"),
        ("002 44 7400 123456", "KR"),
        ("0021 44 7400 123456", "BR"),
        ("990 44 7400 123456", "FI"),
        ("00 44 7400 123456", "AU"),
        ("00 44 7400 123456", "US"),
        ("00 44 7400 123456", "RU"),
        ("0044 (0) 7400 123456", "DE"),
    ] {
        assert_eq!(
            read(typed, country).as_deref(),
            Ok("+447400123456"),
            "{typed} {country}"
        );
    }
    assert_eq!(
        read("0011 61 412 345 678", "AU").as_deref(),
        Ok("+61412345678")
    );
    assert_eq!(
        read("0011 1 650 253 0000", "AU").as_deref(),
        Ok("+16502530000")
    );
    assert_eq!(
        read("00 1 650 253 0000", "TH").as_deref(),
        Ok("+16502530000")
    );
}

#[test]
fn a_home_line_over_the_internet_is_told_what_can_be_done() {
    for (typed, country) in [
        ("09 12 34 56 78", "FR"),
        ("+31 85 123 4567", ""),
        ("+43 720 123456", ""),
        ("050 1234 5678", "JP"),
    ] {
        let error = read(typed, country).unwrap_err();
        assert_eq!(error, PhoneError::Voip, "{typed}");
        assert!(
            !error.to_string().contains("or home number") && error.to_string().contains("even if"),
            "{error}"
        );
    }
}

/// Numbers without a person behind them, with a fragment of the refusal.
const NOBODYS: [(&str, &str); 12] = [
    ("+8816 1234 5678", "satellite"),
    ("+870 773 123456", "satellite"),
    ("+882 16 12345678", "satellite"),
    ("+883 5100 12345678", "satellite"),
    ("+44 70 1234 5678", "personal"),
    ("+49 700 12345678", "personal"),
    ("+1 500 234 5678", "personal"),
    ("+41 878 123 456", "personal"),
    ("+3197 0123 45678", "machine"),
    ("+82 12 1234 5678", "machine"),
    ("+49 32 212345678", "internet"),
    ("+49 32 2123456", "internet"),
];

#[tokio::test]
async fn numbers_of_satellites_machines_and_the_like_get_no_codes_unless_they_are_named() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for (number, word) in NOBODYS {
        amy.call("show_number", json!({ "phone": number }))
            .await
            .says(422, word);
        amy.call("send_code", json!({ "phone": number }))
            .await
            .says(422, word);
    }
    assert_eq!(site.phones().starts(), 0);
    let named = Site::with(&[("POLLSTR_COUNTRIES", "GB, +8816 +49 32,+3197 +339")]).await;
    let ben = named.registered("ben").await;
    for number in [
        "+8816 1234 5678",
        "+49 32 212345678",
        "+3197 0123 45678",
        "+33 9 12 34 56 78",
        "+44 7400 123456",
    ] {
        ben.call("show_number", json!({ "phone": number }))
            .await
            .says(200, "'ll ");
    }
    for number in [
        "+8818 1234 5678",
        "+44 70 1234 5678",
        "+31 6 12345678",
        "+49 151 12345678",
        "+33 6 12 34 56 78",
    ] {
        assert_eq!(
            ben.call("show_number", json!({ "phone": number }))
                .await
                .status,
            422,
            "{number}"
        );
    }
    ben.call("send_code", json!({ "phone": "+8816 1234 5678" }))
        .await
        .says(200, "/verify/code");
    assert_eq!(named.phones().messages()[0].to, "+881612345678");
}

#[tokio::test]
async fn a_number_that_was_proved_before_its_range_was_shut_gets_no_more_codes() {
    for site in Site::on_each_database_with(&[("POLLSTR_COUNTRIES", "+8816")]).await {
        let amy = site.verified("amy", "+8816 1234 5678").await;
        let shut = site.second_instance().await;
        shut.state.clock.advance(60);
        let elsewhere = amy.other_browser().at(&shut.origin);
        elsewhere
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words and more")],
            )
            .await
            .goes_to("/verify");
        elsewhere
            .fill("/verify", "Send code", &[])
            .await
            .says(422, "We can't send codes to your number any more.");
        assert_eq!(shut.phones().starts(), 0);
        shut.stop();
    }
}

#[test]
fn a_range_is_named_by_its_first_digits_and_a_country_by_its_letters() {
    let start = |value: &'static str| {
        let config = pollstr::platform::config::Config::from_sources("", |name| {
            (name == "POLLSTR_COUNTRIES").then(|| value.to_owned())
        });
        config.map_err(|error| error.to_string())
    };
    for wrong in [
        "GB, +",
        "GB +x",
        "+0044",
        "+12345678901234567",
        "+1 2 3 GBR",
    ] {
        assert!(
            start(wrong).unwrap_err().starts_with("POLLSTR_COUNTRIES: "),
            "{wrong}"
        );
    }
    assert!(start("gb, +8816, +44 70").is_ok());
}

#[tokio::test]
async fn check_warns_where_no_country_is_named() {
    let folder = crate::support::environment::folder();
    let output_of = |countries: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pollstr"));
        let output = command
            .arg("check")
            .current_dir(&folder)
            .env("POLLSTR_COUNTRIES", countries)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(output_of("").contains("POLLSTR_COUNTRIES: not set, so codes go to every country"));
    assert!(!output_of("GB").contains("POLLSTR_COUNTRIES"));
}
