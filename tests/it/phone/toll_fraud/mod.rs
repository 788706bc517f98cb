//! Toll fraud: an attacker requests codes to numbers that earn money. It is stopped where it
//! happens, and everyone else can go on.

mod operator;
mod pauses;

use pollstr::accounts::limits::circuit_breaker::area::Areas;
use pollstr::accounts::limits::sends::{self, Send, SendDecision, SendDenied};
use pollstr::verification::numbers::countries;

use crate::support::app::{START_TIME, Site};

const MINUTE: i64 = 60;

/// A request for a code: number and account are `n`'s own.
struct Ask {
    n: i64,
    network: i64,
    prefix: i64,
    at: i64,
}

/// Requests a code and returns why it was denied.
async fn ask(
    site: &Site,
    Ask {
        n,
        network,
        prefix,
        at,
    }: Ask,
) -> Result<i64, SendDenied> {
    let transaction = site.state.db.begin().await.unwrap();
    let (address, mac) = (address(network), n.to_be_bytes());
    let areas = Areas {
        network: address.clone(),
        prefix: format!("prefix {prefix}"),
        wide_prefix: String::new(),
    };
    let send = Send {
        account: 1_000_000 + n,
        number_mac: &mac,
        country: countries::find("GB"),
        voice: false,
        verified: false,
        address: &address,
        areas: &areas,
        life: 300,
    };
    let answer = sends::decide(&transaction, &site.state.config.ceilings, send, at)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    match answer {
        SendDecision::Allowed(id) => Ok(id),
        SendDecision::Denied(denied) => Err(denied),
    }
}

fn address(network: i64) -> String {
    format!("10.1.{}.{}", network / 250, network % 250)
}

/// Requests codes to 500 numbers over 100 prefixes, from 100 IP addresses, with this pause; returns
/// how many were sent.
async fn attack(site: &Site, seconds: i64) -> usize {
    let mut through = 0;
    for n in 0..500 {
        let answer = ask(
            site,
            Ask {
                n,
                network: n % 100,
                prefix: n / 5,
                at: START_TIME + n * seconds,
            },
        )
        .await;
        through += usize::from(answer.is_ok());
    }
    through
}
