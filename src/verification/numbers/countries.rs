//! Countries with phone numbers: English names from Unicode's CLDR, and calling codes.

use std::sync::LazyLock;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

/// A country, or a territory with its own country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// The ISO 3166 two-letter code.
    pub region: &'static str,
    /// The English name.
    pub name: &'static str,
    /// The calling code, such as 44.
    pub calling_code: i32,
}

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let country = |line: &'static str| {
        let (region, name) = line.split_once(' ')?;
        let calling_code =
            PHONE_NUMBER_UTIL.get_country_code_for_region(region.parse::<Region>().ok()?)?;
        Some(Country {
            region,
            name,
            calling_code,
        })
    };
    include_str!("countries.txt")
        .lines()
        .filter_map(country)
        .collect()
});

/// Returns all countries, sorted by name.
#[must_use]
pub fn all() -> &'static [Country] {
    &COUNTRIES
}

/// Finds a country by its two-letter code, ignoring case.
#[must_use]
pub fn find(region: &str) -> Option<&'static Country> {
    all()
        .iter()
        .find(|country| country.region.eq_ignore_ascii_case(region.trim()))
}

/// Guesses the country from an `Accept-Language` header such as `de-CH, de;q=0.8`: the first one
/// named.
#[must_use]
pub fn guess(accept_language: &str) -> Option<&'static Country> {
    let tags = accept_language
        .split(',')
        .take(20)
        .filter_map(|part| part.split(';').next());
    tags.flat_map(|tag| tag.trim().split('-').skip(1))
        .filter(|part| part.len() == 2)
        .find_map(find)
}

#[cfg(test)]
#[path = "countries_tests.rs"]
mod tests;
