//! Limits of codes that an operator sets: how many, to which countries, at what cost.

use std::collections::BTreeMap;

use crate::platform::config::money::Money;
use crate::platform::config::sources::{ConfigError, Sources, count, wrong};

/// Limits of codes that an operator sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendLimits {
    /// `POLLSTR_COUNTRIES`: country codes (ISO 3166) that get codes; empty for all.
    pub countries: Vec<String>,
    /// From the same setting: number ranges that get codes too, by first digits such as `8816`.
    pub ranges: Vec<String>,
    /// `POLLSTR_ADDRESS_SENDS`: codes an hour from one IP address to verified numbers.
    pub from_address: i64,
    /// `POLLSTR_HOURLY_SENDS`: codes an hour.
    pub hourly: i64,
    /// `POLLSTR_DAILY_SENDS`: codes in 24 hours.
    pub daily: i64,
    /// `POLLSTR_DAILY_SPEND`: most that the codes of 24 hours may cost.
    pub daily_spend: Option<Money>,
    /// `POLLSTR_PRICES`: price of a code by country; `*` for all others.
    pub prices: BTreeMap<String, Money>,
}

impl SendLimits {
    /// Returns whether a country gets codes.
    #[must_use]
    pub fn allows(&self, country: &str) -> bool {
        self.names_none() || self.countries.iter().any(|allowed| allowed == country)
    }

    /// Returns whether a number gets codes, by its country, if it has one, and its digits.
    #[must_use]
    pub fn takes(&self, country: Option<&str>, digits: &str) -> bool {
        let named = self
            .ranges
            .iter()
            .any(|first| digits.starts_with(first.as_str()));
        named || country.map_or_else(|| self.names_none(), |country| self.allows(country))
    }

    /// Returns whether every country gets codes.
    #[must_use]
    pub fn names_none(&self) -> bool {
        self.countries.is_empty() && self.ranges.is_empty()
    }

    /// Returns the price of a code to a country; zero if unknown.
    #[must_use]
    pub fn price(&self, country: &str) -> Money {
        self.prices
            .get(country)
            .or_else(|| self.prices.get("*"))
            .copied()
            .unwrap_or_default()
    }

    /// Returns a note naming the limits that an event of this size would hit.
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
                "The limit for the whole site is lower: raise {} before the event.",
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
                    "needs a price for every country in POLLSTR_PRICES, such as *=0.10",
                );
            }
            Some((Ok(money), _)) => Some(money),
            Some((Err(()), text)) => {
                return wrong(
                    "POLLSTR_DAILY_SPEND",
                    format!("\"{text}\" is not an amount of money such as 25.00"),
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

/// Parses countries by their letters, and ranges as `+` and first digits, which may contain spaces.
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
                    ranges.push(first.to_owned());
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
