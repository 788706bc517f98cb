//! Ends pauses for the operator, who names a country, a number prefix, an address, or `all`.

use std::net::IpAddr;

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::limits::circuit_breaker::ALL;
use crate::accounts::limits::circuit_breaker::area::{Kind, prefixes_of};
use crate::platform::clock::Seconds;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, execute, places};
use crate::verification::numbers::countries;
use crate::web::http::client_ip::ClientIp;

/// The argument names nothing that can be paused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" isn't a country such as GB, the start of a number such as +44770090, an address such as 203.0.113.9, or \"all\""
)]
pub struct NotAnArea(String);

/// Which pauses to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All pauses.
    All,
    /// A two-letter country, and the prefixes in it.
    Country(&'static str),
    /// Areas of one kind, such as the prefixes of a number or the network of an address.
    Areas(Vec<String>),
}

/// Parses the operator's argument.
pub fn parse(text: &str, keys: &Keys) -> Result<Which, NotAnArea> {
    let text = text.trim();
    if text == "all" {
        return Ok(Which::All);
    }
    if let Some(digits) = text
        .strip_prefix('+')
        .map(|rest| rest.replace([' ', '-'], ""))
    {
        let plain = digits.len() >= 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
        return plain
            .then(|| Which::Areas(prefixes_of(keys, &digits)))
            .ok_or_else(|| NotAnArea(text.to_owned()));
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(Which::Areas(vec![
            Kind::Network.area(&ClientIp::of(address).network()),
        ]));
    }
    countries::find(text)
        .map(|country| Which::Country(country.region))
        .ok_or_else(|| NotAnArea(text.to_owned()))
}

/// Ends pauses and returns how many. Messages sent so far are no longer judged; otherwise the
/// pauses would begin again.
pub async fn resume(db: &Db, which: &Which, now: Seconds) -> Result<u64, DbErr> {
    let areas = match which {
        Which::All => vec![ALL.to_owned()],
        Which::Country(country) => vec![Kind::Country.area(country)],
        Which::Areas(areas) => areas.clone(),
    };
    let transaction = db.begin().await?;
    let (sql, values) = match which {
        Which::All => (String::new(), vec![]),
        Which::Country(country) => (" AND country = $2".to_owned(), vec![(*country).into()]),
        Which::Areas(areas) => (
            format!(" AND area IN ({})", places(2, areas.len())),
            areas.iter().map(|area| area.as_str().into()).collect(),
        ),
    };
    let sql =
        format!("UPDATE circuit_breaker SET since = 0, judged_from = $1 WHERE since > 0{sql}");
    let ended = execute(&transaction, &sql, [now.into()].into_iter().chain(values)).await?;
    let row = |n: usize| format!("(${}, '', 0, 0, $1, 0, 0)", n + 2);
    let sql = format!(
        "INSERT INTO circuit_breaker (area, country, since, probe_at, judged_from, typed, lost) VALUES {}
         ON CONFLICT (area) DO UPDATE SET judged_from = excluded.judged_from",
        (0..areas.len()).map(row).collect::<Vec<_>>().join(", ")
    );
    execute(
        &transaction,
        &sql,
        [now.into()]
            .into_iter()
            .chain(areas.into_iter().map(Into::into)),
    )
    .await?;
    transaction.commit().await?;
    Ok(ended)
}

#[cfg(test)]
#[path = "resume_tests.rs"]
mod tests;
