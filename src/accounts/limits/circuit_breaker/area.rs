//! Areas that the circuit breaker can pause: a network, a number prefix, a country. The narrowest
//! one that explains an attack is paused, so that other users aren't affected.

use crate::platform::clock::Seconds;
use crate::platform::crypto::Keys;
use crate::verification::Phone;
use crate::web::http::client_ip::ClientIp;

/// Where a message is sent and where it was requested from. After a day only the country is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The IPv4 address, or the IPv6 /48.
    pub network: String,
    /// The number without its last four digits, as an HMAC.
    pub prefix: String,
    /// The number without its last six digits, as an HMAC; empty if hardly more than the calling
    /// code would be left.
    pub wide_prefix: String,
}

impl Areas {
    /// Returns the areas of a message to this number, requested from this address.
    #[must_use]
    pub fn of(keys: &Keys, phone: &Phone, address: &ClientIp) -> Self {
        let [prefix, wide_prefix] = prefixes(keys, phone);
        Self {
            network: address.network(),
            prefix,
            wide_prefix,
        }
    }

    /// Returns the non-empty areas with their kinds, narrowest first.
    pub(super) fn with_country<'a>(
        &'a self,
        country: &'a str,
    ) -> impl Iterator<Item = (Kind, &'a str)> {
        let all = [
            (Kind::Network, &*self.network),
            (Kind::Prefix, &*self.prefix),
            (Kind::WidePrefix, &*self.wide_prefix),
            (Kind::Country, country),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty())
    }
}

/// Returns a number's two prefixes as HMACs, longer one first.
#[must_use]
pub fn prefixes(keys: &Keys, phone: &Phone) -> [String; 2] {
    let (digits, country) = (phone.digits(), phone.country_code().to_string().len());
    // Keep at least two digits of the national number: fewer would cover the whole country.
    [4, 6].map(|last| {
        digits
            .get(..digits.len().saturating_sub(last))
            .filter(|rest| rest.len() >= country + 2)
            .map_or_else(String::new, |rest| keys.prefix(rest))
    })
}

/// Returns the prefix areas that a number, or numbers with this beginning, can belong to. Number
/// lengths differ by country, so all lengths are tried.
#[must_use]
pub fn prefixes_of(keys: &Keys, digits: &str) -> Vec<String> {
    let beginnings = (3..=digits.len())
        .filter_map(|length| digits.get(..length))
        .map(|beginning| keys.prefix(beginning));
    beginnings
        .flat_map(|prefix| [Kind::Prefix.area(&prefix), Kind::WidePrefix.area(&prefix)])
        .collect()
}

/// Kinds of area, narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A network that codes are requested from.
    Network,
    /// Ten thousand numbers with a common prefix.
    Prefix,
    /// A million numbers with a common prefix.
    WidePrefix,
    /// A country.
    Country,
}

/// Thresholds for pausing an area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    /// Minimum number of finished codes.
    pub(super) least: i64,
    /// Minimum number of sources of untyped codes: networks, or accounts older than a day.
    pub(super) sources: usize,
    /// Minimum number of prefixes among the untyped codes' numbers.
    pub(super) prefixes: usize,
    /// Number of outstanding codes that also pauses the area.
    pub(super) out: i64,
}

impl Kind {
    /// Returns the column of `send` that holds this kind of area.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Prefix => "prefix",
            Self::WidePrefix => "wide_prefix",
            Self::Country => "country",
        }
    }

    /// Returns the area as stored in `circuit_breaker`.
    #[must_use]
    pub fn area(self, value: &str) -> String {
        format!("{} {value}", self.column())
    }

    /// Parses an area as stored in `circuit_breaker`.
    #[must_use]
    pub fn parse(area: &str) -> Option<(Self, &str)> {
        let (column, value) = area.split_once(' ')?;
        let kind = [Self::Network, Self::Prefix, Self::WidePrefix, Self::Country]
            .into_iter()
            .find(|kind| kind.column() == column)?;
        Some((kind, value))
    }

    /// Returns the thresholds for a site that sends `hourly` messages an hour. A network can
    /// request codes to at most ten new numbers an hour, so it can't have many outstanding.
    pub(super) fn bar(self, hourly: i64) -> Bar {
        let out = (hourly / 10).max(50);
        match self {
            Self::Network => Bar {
                least: 10,
                sources: 1,
                prefixes: 1,
                out: i64::MAX,
            },
            Self::Prefix => Bar {
                least: 10,
                sources: 10,
                prefixes: 1,
                out,
            },
            Self::WidePrefix => Bar {
                least: 20,
                sources: 15,
                prefixes: 2,
                out,
            },
            Self::Country => Bar {
                least: 20,
                sources: 20,
                prefixes: 20,
                out,
            },
        }
    }
}

/// Why a message to a new number has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The kind of area that is paused.
    pub kind: Kind,
    /// Seconds until a retry may succeed.
    pub seconds: Seconds,
    /// Whether a few messages are already sent, chosen by lot.
    pub probing: bool,
}

#[cfg(test)]
#[path = "area_tests.rs"]
mod tests;
