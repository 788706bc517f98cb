//! How many codes may be sent, where to, and for how much money.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use crate::platform::config::{ConfigError, Sources, wrong};

/// The ceilings that an operator sets; the other limits are the same everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// `POLLSTR_COUNTRIES`: the countries that codes are sent to, as two letters; all where it is empty.
    pub countries: Vec<String>,
    /// From the same setting: ranges of numbers that get codes, too, by the digits they begin with, such as `8816`.
    pub ranges: Vec<String>,
    /// `POLLSTR_ADDRESS_SENDS`: messages an hour from one address, to numbers proved before.
    pub from_address: i64,
    /// `POLLSTR_HOURLY_SENDS`: messages in an hour.
    pub hourly: i64,
    /// `POLLSTR_DAILY_SENDS`: messages in 24 hours.
    pub daily: i64,
    /// `POLLSTR_DAILY_SPEND`: what they may cost.
    pub daily_spend: Option<Money>,
    /// `POLLSTR_PRICES`: what a message costs, by country; `*` is every other.
    pub prices: BTreeMap<String, Money>,
}

impl Ceilings {
    /// Whether codes are sent to this country.
    #[must_use]
    pub fn allows(&self, country: &str) -> bool {
        self.names_none() || self.countries.iter().any(|allowed| allowed == country)
    }

    /// Whether codes are sent to a number of this country, or of none, with these digits.
    #[must_use]
    pub fn takes(&self, country: Option<&str>, digits: &str) -> bool {
        let named = self
            .ranges
            .iter()
            .any(|first| digits.starts_with(first.as_str()));
        named || country.map_or_else(|| self.names_none(), |country| self.allows(country))
    }

    /// Whether nothing is named, so that codes go to every country.
    #[must_use]
    pub fn names_none(&self) -> bool {
        self.countries.is_empty() && self.ranges.is_empty()
    }

    /// What a message to this country costs; nothing where no price is known.
    #[must_use]
    pub fn price(&self, country: &str) -> Money {
        self.prices
            .get(country)
            .or_else(|| self.prices.get("*"))
            .copied()
            .unwrap_or_default()
    }

    /// Says which ceilings an event with so many codes an hour would meet in so many hours; `None` when it fits.
    #[must_use]
    pub fn in_the_way_of(&self, an_hour: i64, hours: i64) -> Option<String> {
        let all = an_hour.saturating_mul(hours);
        let ceilings = [
            ("POLLSTR_HOURLY_SENDS", self.hourly, an_hour, "an hour"),
            ("POLLSTR_DAILY_SENDS", self.daily, all, "in 24 hours"),
        ];
        let low = ceilings
            .into_iter()
            .filter(|(_, ceiling, wanted, _)| ceiling < wanted);
        let low: Vec<_> = low
            .map(|(setting, ceiling, _, time)| format!("{setting} ({ceiling} {time})"))
            .collect();
        (!low.is_empty()).then(|| {
            format!(
                "The whole site sends fewer than that: raise {} before the event.",
                low.join(" and ")
            )
        })
    }

    pub(super) fn read(
        sources: &Sources<impl Fn(&str) -> Option<String>>,
    ) -> Result<Self, ConfigError> {
        let prices = prices(sources)?;
        let daily_spend = match sources
            .get("POLLSTR_DAILY_SPEND")
            .map(|text| (text.parse::<Money>(), text))
        {
            None => None,
            Some((Ok(_), _)) if !prices.contains_key("*") => {
                return wrong(
                    "POLLSTR_DAILY_SPEND",
                    "it needs POLLSTR_PRICES with a price for every country, as in *=0.10",
                );
            }
            Some((Ok(money), _)) => Some(money),
            Some((Err(()), text)) => {
                return wrong(
                    "POLLSTR_DAILY_SPEND",
                    format!("\"{text}\" is not a sum of money such as 25.00"),
                );
            }
        };
        let (countries, ranges) = countries(sources)?;
        Ok(Self {
            countries,
            ranges,
            from_address: count(sources, "POLLSTR_ADDRESS_SENDS")?,
            daily: count(sources, "POLLSTR_DAILY_SENDS")?,
            hourly: count(sources, "POLLSTR_HOURLY_SENDS")?,
            daily_spend,
            prices,
        })
    }
}

/// Reads a number that has a default.
pub(super) fn count(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
    setting: &'static str,
) -> Result<i64, ConfigError> {
    let text = sources.get(setting).unwrap_or_default();
    match text.trim().parse() {
        Ok(count) if (1..=1_000_000).contains(&count) => Ok(count),
        _ => wrong(
            setting,
            format!("\"{text}\" is not a number from 1 to 1000000"),
        ),
    }
}

fn two_letters(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)
}

fn countries(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
) -> Result<(Vec<String>, Vec<String>), ConfigError> {
    let text = sources.get("POLLSTR_COUNTRIES").unwrap_or_default();
    named(&text).map_or_else(
        || {
            wrong(
                "POLLSTR_COUNTRIES",
                format!("\"{text}\" is not a list of countries such as GB, IE"),
            )
        },
        Ok,
    )
}

/// Countries by their letters; and ranges of numbers by a `+` and their first digits, which may have spaces between them.
fn named(list: &str) -> Option<(Vec<String>, Vec<String>)> {
    let (mut countries, mut ranges) = (Vec::new(), Vec::<String>::new());
    for item in list.split(',') {
        let mut in_range = false;
        for part in item.split_whitespace() {
            let first = part.strip_prefix('+');
            let digits = first
                .unwrap_or(part)
                .bytes()
                .all(|byte| byte.is_ascii_digit());
            match (first, ranges.last_mut().filter(|_| in_range)) {
                (Some(first), _) if digits && !first.starts_with('0') => {
                    ranges.push(first.to_owned())
                }
                (None, Some(range)) if digits => range.push_str(part),
                _ => countries.push(two_letters(part)?),
            }
            in_range = digits;
        }
    }
    ranges
        .iter()
        .all(|range| (2..=12).contains(&range.len()))
        .then_some((countries, ranges))
}

fn prices(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
) -> Result<BTreeMap<String, Money>, ConfigError> {
    let text = sources.get("POLLSTR_PRICES").unwrap_or_default();
    let price = |part: &str| {
        let (country, price) = part.split_once('=')?;
        let country = if country.trim() == "*" {
            "*".to_owned()
        } else {
            two_letters(country)?
        };
        Some((country, price.parse().ok()?))
    };
    let prices: Option<_> = text
        .split(',')
        .filter(|part| !part.trim().is_empty())
        .map(price)
        .collect();
    prices.map_or_else(
        || {
            wrong(
                "POLLSTR_PRICES",
                format!("\"{text}\" is not a list of prices such as GB=0.04, *=0.10"),
            )
        },
        Ok,
    )
}

/// A sum of money, in whatever currency the operator thinks in; exact to its millionth part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i64);

const MILLION: i64 = 1_000_000;

impl FromStr for Money {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !digits(whole) || !digits(part)
        {
            return Err(());
        }
        let number = |text: &str| text.parse::<i64>().map_err(drop);
        Ok(Self(
            number(whole)? * MILLION + number(&format!("{part:0<6}"))?,
        ))
    }
}

impl fmt::Display for Money {
    /// Rounded up to hundredths.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0 + 9_999) / 10_000;
        f.pad(&format!("{}.{:02}", hundredths / 100, hundredths % 100))
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self(0), Add::add)
    }
}

impl Money {
    /// So many times as much.
    #[must_use]
    pub fn times(self, count: i64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::config::Config;

    fn ceilings(settings: &[(&str, &str)]) -> Result<Ceilings, String> {
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
        assert_eq!(ceilings.price("GB"), Money(0));
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
            (Money(41_200), Money(100_000))
        );
        assert_eq!(ceilings.daily_spend, Some(Money(25_000_000)));
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

    #[test]
    fn money_is_exact_and_shown_in_hundredths_never_too_little() {
        let sum: Money = ["0.041", "0.041", "1"]
            .map(|text| text.parse::<Money>().unwrap())
            .into_iter()
            .sum();
        assert_eq!((sum, sum.to_string().as_str()), (Money(1_082_000), "1.09"));
        assert_eq!(Money(41_200).times(1_000).to_string(), "41.20");
        for text in ["", ".", "-1", "1e3", "1,5", "1.0000001", "9999999999"] {
            assert_eq!(text.parse::<Money>(), Err(()), "{text}");
        }
    }
}
