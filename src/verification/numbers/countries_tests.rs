//! Unit tests of `countries`.

use super::*;

#[test]
fn every_country_that_has_numbers_has_a_name() {
    let regions: Vec<String> = PHONE_NUMBER_UTIL
        .get_supported_regions()
        .map(|region| region.to_string())
        .collect();
    assert!(regions.len() > 200);
    for region in &regions {
        assert!(
            find(region).is_some(),
            "{region} is missing in countries.txt"
        );
    }
    assert_eq!(
        all().len(),
        regions.len(),
        "a line of countries.txt is none of theirs"
    );
}

#[test]
fn a_browser_that_names_a_country_is_believed_at_first() {
    let guessed = |languages| guess(languages).map(|country| country.name);
    assert_eq!(guessed("de-CH,de;q=0.9,en-GB;q=0.8"), Some("Switzerland"));
    assert_eq!(guessed("en, fr-ca;q=0.5"), Some("Canada"));
    assert_eq!(guessed("zh-Hant-TW"), Some("Taiwan"));
    for none in ["", "de", "en;q=0.5", "*", "es-419", "xx-YY", "-", ",,,;"] {
        assert_eq!(guessed(none), None, "{none}");
    }
}

#[test]
fn calling_codes_are_the_librarys() {
    assert_eq!(
        find(" gb ").map(|country| (country.name, country.calling_code)),
        Some(("United Kingdom", 44))
    );
    assert_eq!(find("UK"), None);
}
