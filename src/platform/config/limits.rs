//! How many codes may be sent, where to, and for how much money.

use std::collections::BTreeMap;

use crate::platform::config::money::Money;
use crate::platform::config::sources::{ConfigError, Sources, count, wrong};

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

    pub(super) fn read(sources: &Sources) -> Result<Self, ConfigError> {
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

fn two_letters(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)
}

fn countries(sources: &Sources) -> Result<(Vec<String>, Vec<String>), ConfigError> {
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

fn prices(sources: &Sources) -> Result<BTreeMap<String, Money>, ConfigError> {
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
