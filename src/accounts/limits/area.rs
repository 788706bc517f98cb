//! What the breaker judges: a network, the numbers that begin alike, a country. The narrowest that explains an attack is paused, so
//! that everyone else goes on.

use crate::platform::clock::Seconds;
use crate::platform::crypto::Keys;
use crate::verification::Phone;
use crate::web::http::client_ip::ClientIp;

/// Where a message goes and where it was asked for. After a day only the country is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The IPv4 address, or the IPv6 /48.
    pub network: String,
    /// The number without its last four digits, as an HMAC.
    pub prefix: String,
    /// The number without its last six digits, as an HMAC; empty where hardly more than the country's code would be left.
    pub wide_prefix: String,
}

impl Areas {
    /// Returns the areas of a message to this number, asked for at this address.
    #[must_use]
    pub fn of(keys: &Keys, phone: &Phone, address: &ClientIp) -> Self {
        let [prefix, wide_prefix] = prefixes(keys, phone);
        Self {
            network: address.network(),
            prefix,
            wide_prefix,
        }
    }

    /// Lists them with their kinds, the narrowest first.
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

/// Returns a number's two prefixes as HMACs, the longer first.
#[must_use]
pub fn prefixes(keys: &Keys, phone: &Phone) -> [String; 2] {
    let (digits, country) = (phone.digits(), phone.country_code().to_string().len());
    // Two digits of the national number at least: fewer would be the country.
    [4, 6].map(|last| {
        digits
            .get(..digits.len().saturating_sub(last))
            .filter(|rest| rest.len() >= country + 2)
            .map_or_else(String::new, |rest| keys.prefix(rest))
    })
}

/// Lists the areas that numbers with this beginning, or a whole number, can belong to: how long a number is differs by country.
#[must_use]
pub fn prefixes_of(keys: &Keys, digits: &str) -> Vec<String> {
    let beginnings = (3..=digits.len())
        .filter_map(|length| digits.get(..length))
        .map(|beginning| keys.prefix(beginning));
    beginnings
        .flat_map(|prefix| [Kind::Prefix.area(&prefix), Kind::WidePrefix.area(&prefix)])
        .collect()
}

/// The kinds of areas, the narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A network that codes are asked for at.
    Network,
    /// Ten thousand numbers that begin alike.
    Prefix,
    /// A million of them.
    WidePrefix,
    /// A country.
    Country,
}

/// What it takes to pause an area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    /// So many codes must have come to an end.
    pub(super) least: i64,
    /// So many sources must have left theirs untyped: networks, or accounts older than a day.
    pub(super) sources: usize,
    /// Their numbers must have so many prefixes.
    pub(super) prefixes: usize,
    /// Or so many codes are out at once and untyped.
    pub(super) out: i64,
}

impl Kind {
    /// The column of `send` that holds it.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Prefix => "prefix",
            Self::WidePrefix => "wide_prefix",
            Self::Country => "country",
        }
    }

    /// The area as it stands in `pause`.
    #[must_use]
    pub fn area(self, value: &str) -> String {
        format!("{} {value}", self.column())
    }

    /// Parses an area as it stands in `pause`.
    #[must_use]
    pub fn parse(area: &str) -> Option<(Self, &str)> {
        let (column, value) = area.split_once(' ')?;
        let kind = [Self::Network, Self::Prefix, Self::WidePrefix, Self::Country]
            .into_iter()
            .find(|kind| kind.column() == column)?;
        Some((kind, value))
    }

    /// What it takes, where the site sends so many messages an hour. A network asks for ten new numbers an hour at most, so it cannot
    /// have many codes out.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification::Policy;

    fn areas(number: &str) -> [String; 2] {
        prefixes(
            &Keys::derive([7; 32]),
            &Phone::parse(number, None, Policy::default()).unwrap(),
        )
    }

    #[test]
    fn numbers_that_differ_in_their_last_digits_begin_alike() {
        assert_eq!(areas("+447400123456"), areas("+447400129999"));
        let other = areas("+447400133456");
        assert_ne!(areas("+447400123456")[0], other[0]);
        assert_eq!(areas("+447400123456")[1], other[1]);
        assert_ne!(areas("+447400123456")[1], areas("+447401123456")[1]);
    }

    #[test]
    fn a_prefix_is_no_whole_country() {
        // Andorra's numbers have six digits.
        let [prefix, wide] = areas("+376312345");
        assert!(!prefix.is_empty() && wide.is_empty());
    }

    #[test]
    fn an_area_is_read_back_as_it_was_written() {
        for kind in [Kind::Network, Kind::Prefix, Kind::WidePrefix, Kind::Country] {
            assert_eq!(Kind::parse(&kind.area("GB")), Some((kind, "GB")));
        }
        assert_eq!(Kind::parse("all"), None);
    }
}

/// Why a message to a new number must wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What is paused.
    pub kind: Kind,
    /// Seconds until it is worth trying again.
    pub seconds: Seconds,
    /// Whether a few messages go out already, by lot.
    pub by_lot: bool,
}
