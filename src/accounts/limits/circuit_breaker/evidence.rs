//! Judges how the last codes of an area ended and whether that looks like an attack.
//!
//! An abandoned code counts once per network and once per account, so that a few people can't pass
//! for many.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::limits::circuit_breaker::area::{Bar, Kind};
use crate::accounts::limits::limit::{
    CODE_LIFETIME, DAY, LAST_CODES, Limit, MIN_CONFIRMED_PERCENT,
};
use crate::platform::clock::Seconds;
use crate::platform::db::statement;

/// Maximum number of a day's codes that are examined.
const MAX_ROWS: i64 = 1_000;
/// Additional outstanding codes that are tolerated per recently typed one.
const OUTSTANDING_PER_TYPED: i64 = 4;

/// A code sent to a new number.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Code {
    pub(super) at: Seconds,
    account_id: i64,
    network: String,
    prefix: String,
    number_mac: Vec<u8>,
    outcome: Option<String>,
    /// Whether its account was then older than a day.
    settled: bool,
}

impl Code {
    /// Returns an area's codes to new numbers sent after `since`, newest first.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        kind: Kind,
        value: &str,
        since: Seconds,
    ) -> Result<Vec<Self>, DbErr> {
        let sql = format!(
            "SELECT at, account_id, network, prefix, send.number_mac, outcome, COALESCE(account.created_at <= at - {DAY}, FALSE) AS settled
             FROM send LEFT JOIN account ON account.id = account_id
             WHERE send.{} = $1 AND at > $2 AND NOT verified ORDER BY at DESC, send.id DESC LIMIT {MAX_ROWS}",
            kind.column()
        );
        Self::find_by_statement(statement(db, &sql, [value.into(), since.into()]))
            .all(db)
            .await
    }

    pub(super) fn was_typed(&self) -> bool {
        self.outcome.as_deref() == Some("confirmed")
    }
}

/// Tally of an area's recent codes.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence<'a> {
    /// Numbers whose codes were typed, among the codes judged.
    pub(super) typed: i64,
    /// Codes that expired or were wrong too often, among the codes judged; at most one per network
    /// and account.
    lost: i64,
    /// Outstanding codes, capped per network at what it may request in an hour.
    out: i64,
    recently_typed: i64,
    /// Networks of the day's untyped codes, with the outstanding ones counted.
    networks: HashMap<&'a str, i64>,
    settled: HashSet<i64>,
    prefixes: HashSet<&'a str>,
}

impl<'a> Evidence<'a> {
    /// Tallies codes, which must be sorted newest first.
    pub(super) fn among(kind: Kind, codes: &'a [Code], now: Seconds) -> Self {
        let mut found = Self::default();
        let (mut typed, mut numbers) = (HashSet::new(), HashSet::new());
        let (mut accounts, mut networks) = (HashSet::new(), HashSet::new());
        for code in codes {
            let young = code.at > now - CODE_LIFETIME;
            if code.was_typed() {
                if typed.insert(&code.number_mac) {
                    found.typed += i64::from(found.judged() < LAST_CODES);
                    found.recently_typed += i64::from(young);
                }
                continue;
            }
            found.spread(code, young);
            if !young && code.outcome.is_none() && found.judged() < LAST_CODES {
                let counts = match kind {
                    Kind::Network => numbers.insert(&code.number_mac),
                    // An account older than a day wasn't created for the attack, so two on one
                    // network count twice.
                    _ => {
                        accounts.insert(code.account_id)
                            && (networks.insert(&code.network) || code.settled)
                    }
                };
                found.lost += i64::from(counts);
            }
        }
        found
    }

    fn spread(&mut self, code: &'a Code, young: bool) {
        let out = self.networks.entry(&code.network).or_default();
        // A hall with a raised limit must not block other users.
        if young && *out < Limit::SendFromAddress.rate().most {
            *out += 1;
            self.out += 1;
        }
        self.prefixes.insert(&code.prefix);
        if code.settled {
            self.settled.insert(code.account_id);
        }
    }

    fn judged(&self) -> i64 {
        self.typed + self.lost
    }

    /// Returns the number of codes that were not typed.
    pub(super) fn untyped(&self) -> i64 {
        self.lost + self.out
    }

    /// Whether so few codes were typed that someone is probably earning money with messages that
    /// are never read.
    pub(super) fn looks_like_attack(&self, bar: Bar) -> bool {
        let spread = self.networks.len().max(self.settled.len()) >= bar.sources
            && self.prefixes.len() >= bar.prefixes;
        let few =
            self.judged() >= bar.least && self.typed * 100 < MIN_CONFIRMED_PERCENT * self.judged();
        let many = self.out
            >= bar
                .out
                .saturating_add(OUTSTANDING_PER_TYPED * self.recently_typed);
        spread && (few || many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Seconds = 1_000_000;

    /// Returns a code of this account, network and number, sent `ago` seconds ago.
    fn code(account_id: i64, network: i64, number: i64, ago: Seconds) -> Code {
        let (network, prefix, number_mac) = (
            network.to_string(),
            (number / 10).to_string(),
            number.to_be_bytes().to_vec(),
        );
        Code {
            at: NOW - ago,
            account_id,
            network,
            prefix,
            number_mac,
            outcome: None,
            settled: false,
        }
    }

    fn typed(code: Code) -> Code {
        Code {
            outcome: Some("confirmed".to_owned()),
            ..code
        }
    }

    fn too_low(kind: Kind, codes: &[Code]) -> bool {
        Evidence::among(kind, codes, NOW).looks_like_attack(kind.bar(1_000))
    }

    #[test]
    fn five_addresses_with_ten_accounts_are_five_however_many_numbers_they_name() {
        let codes: Vec<_> = (0..500).map(|n| code(n % 10, n % 5, n, 700)).collect();
        for kind in [Kind::Prefix, Kind::WidePrefix, Kind::Country] {
            assert!(!too_low(kind, &codes), "{kind:?}");
        }
        assert_eq!(Evidence::among(Kind::Country, &codes, NOW).lost, 5);
        assert!(too_low(Kind::Network, &codes[..10]));
    }

    #[test]
    fn a_country_takes_twenty_networks_and_twenty_prefixes() {
        let codes = |networks: i64, step: i64| {
            (0..networks)
                .map(|n| code(n, n, n * step, 700))
                .collect::<Vec<_>>()
        };
        assert!(too_low(Kind::Country, &codes(20, 10)));
        assert!(!too_low(Kind::Country, &codes(19, 10)), "too few networks");
        assert!(!too_low(Kind::Country, &codes(190, 1)), "too few prefixes");
        // One account on many networks counts once.
        let one: Vec<_> = (0..100).map(|n| code(1, n, n * 10, 700)).collect();
        assert!(!too_low(Kind::Country, &one));
    }

    #[test]
    fn accounts_older_than_a_day_count_though_they_share_a_network() {
        let codes = |settled| {
            (0..20)
                .map(|n| Code {
                    settled,
                    ..code(n, 1, n * 10, 700)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(Evidence::among(Kind::Country, &codes(false), NOW).lost, 1);
        assert!(too_low(Kind::Country, &codes(true)));
    }

    #[test]
    fn a_fifth_of_the_codes_is_enough() {
        let mut codes: Vec<_> = (0..40).map(|n| code(n, n, n * 10, 700)).collect();
        codes.extend((100..109).map(|n| typed(code(n, n, n * 10, 700))));
        assert!(too_low(Kind::Country, &codes));
        codes.push(typed(code(109, 109, 1_090, 700)));
        assert!(!too_low(Kind::Country, &codes));
        // One number typed ten times counts once.
        codes.truncate(40);
        codes.extend((0..10).map(|n| typed(code(n, n, 5_000, 700))));
        assert!(too_low(Kind::Country, &codes));
    }

    #[test]
    fn so_many_at_once_are_stopped_before_they_expire_unless_others_are_typed() {
        let mut codes: Vec<_> = (0..100).map(|n| code(n, n, n * 10, 5)).collect();
        assert!(too_low(Kind::Country, &codes));
        assert!(!too_low(Kind::Country, &codes[..99]));
        codes.push(typed(code(200, 200, 2_000, 5)));
        assert!(!too_low(Kind::Country, &codes));
        let one_network: Vec<_> = (0..300).map(|n| code(n, 1, n * 10, 5)).collect();
        assert!(!too_low(Kind::Country, &one_network));
    }
}
