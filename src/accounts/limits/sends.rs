//! Messages: who may have one now, which were sent, and what became of them.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use thiserror::Error;

use super::breaker::{self, Word};
use super::rules::{BY_ACCOUNT, BY_EVERYBODY, DAY, FROM_ADDRESS_TO_NEW, HOUR, RESERVED, TO_NUMBER, at_most};
use super::{TooOften, allow, allowance, longest};
use crate::clock::Seconds;
use crate::config::sending::Ceilings;
use crate::db::{Transaction, execute, statement};
use crate::verification::countries::Country;

/// A message that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Send<'a> {
    /// Whose it is.
    pub account: i64,
    /// Where it goes.
    pub number_mac: &'a [u8],
    /// Where that is; none for a number of no country.
    pub country: Option<&'static Country>,
    /// Whether it is a call.
    pub voice: bool,
    /// Whether this account has proved this number before.
    pub proved: bool,
    /// Where it was asked for.
    pub address: &'a str,
}

impl Send<'_> {
    /// What stands in the row for the country: its two letters, or what they call the whole world.
    fn region(&self) -> &'static str {
        self.country.map_or("001", |country| country.region)
    }
}

/// Why a message is not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Stop {
    /// A rate.
    #[error(transparent)]
    TooOften(TooOften),
    /// The settings do not name its country.
    #[error("not to {0}")]
    Country(&'static str),
    /// Another account waits for a code to this number. When that ends is nobody's business, so the wait is always the same.
    #[error("reserved")]
    Reserved,
    /// Codes to its country are hardly ever typed.
    #[error("{country} is paused; again in {wait} s")]
    Paused {
        /// The country's name.
        country: &'static str,
        /// Seconds until it is worth trying again.
        wait: Seconds,
    },
    /// The day's messages or money are spent.
    #[error("spent; again in {} s", .0.wait)]
    Spent(TooOften),
}

/// Counts a message inside the transaction that claims it, and tells its row number. A transaction that is told to stop must be
/// committed all the same: the breaker may have learned something.
///
/// # Errors
/// When the database fails.
pub async fn send(transaction: &Transaction, ceilings: &Ceilings, send: Send<'_>, now: Seconds) -> Result<Result<i64, Stop>, DbErr> {
    let region = send.region();
    let word = if send.proved { Word::Go } else { breaker::ask(transaction, region, now).await? };
    if let Word::Wait(wait) = word {
        return Ok(Err(Stop::Paused { country: name(send.country), wait }));
    }
    if !send.proved && reserved(transaction, send, now).await? {
        return Ok(Err(Stop::Reserved));
    }
    if let Err(too_often) = rates(transaction, ceilings, send, now).await? {
        return Ok(Err(Stop::TooOften(too_often)));
    }
    if let Err(spent) = day(transaction, ceilings, region, now).await? {
        tracing::error!(country = region, wait = spent.wait, "the day's ceiling is reached: no codes are sent");
        return Ok(Err(Stop::Spent(spent)));
    }
    if word == Word::Probe {
        breaker::probed(transaction, region, now).await?;
    }
    let sql =
        "INSERT INTO send (at, account_id, number_mac, address, proved, country, voice) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    let Send { account, number_mac, address, proved, voice, .. } = send;
    let values = [now.into(), account.into(), number_mac.to_vec().into(), address.into(), proved.into(), region.into(), voice.into()];
    let row = transaction.query_one_raw(statement(transaction, sql, values)).await?;
    row.ok_or_else(|| DbErr::RecordNotInserted)?.try_get("", "id").map(Ok)
}

fn name(country: Option<&'static Country>) -> &'static str {
    country.map_or("no country", |country| country.name)
}

async fn rates(transaction: &Transaction, ceilings: &Ceilings, send: Send<'_>, now: Seconds) -> Result<Result<(), TooOften>, DbErr> {
    let number = || Value::from(send.number_mac.to_vec());
    let from_address = if send.proved { ceilings.from_address } else { FROM_ADDRESS_TO_NEW.most };
    let from_address = allowance::at_least(transaction, send.address, from_address, now).await?;
    let rules = [
        ("number_mac = $1", vec![number()], TO_NUMBER[0]),
        ("number_mac = $1", vec![number()], TO_NUMBER[1]),
        ("account_id = $1", vec![send.account.into()], BY_ACCOUNT),
        ("address = $1 AND proved = $2", vec![send.address.into(), send.proved.into()], at_most(from_address, HOUR)),
        ("1 = 1", vec![], BY_EVERYBODY),
    ];
    let mut allowed = Ok(());
    for (which, values, rate) in rules {
        allowed = longest(allowed, allow(transaction, &format!("send WHERE {which}"), values, rate, now).await?);
    }
    Ok(allowed)
}

/// Whether another account waits for its code to a number that nobody has proved since. A message to an account's own number tells
/// nothing here, and neither does an account that is gone.
async fn reserved(transaction: &Transaction, send: Send<'_>, now: Seconds) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM send WHERE number_mac = $1 AND account_id <> $2 AND at > $3 AND NOT proved
               AND account_id IN (SELECT account.id FROM account) AND NOT EXISTS (SELECT 1 FROM send AS later WHERE
               later.number_mac = $1 AND later.account_id = send.account_id AND later.outcome = 'confirmed' AND later.at >= send.at) LIMIT 1";
    let values = [send.number_mac.to_vec().into(), send.account.into(), (now - RESERVED).into()];
    Ok(transaction.query_one_raw(statement(transaction, sql, values)).await?.is_some())
}

/// A message that was sent.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sent {
    /// When.
    pub at: Seconds,
    /// Where it went: two letters.
    pub country: String,
    /// Where it was asked for.
    pub address: String,
    /// Whether it was a call.
    pub voice: bool,
}

/// The messages of an account, while they are known to be its own: for a day.
///
/// # Errors
/// When the database fails.
pub async fn sent_to(db: &impl ConnectionTrait, account: i64, now: Seconds) -> Result<Vec<Sent>, DbErr> {
    let sql = "SELECT at, country, address, voice FROM send WHERE account_id = $1 AND at > $2 ORDER BY at";
    Sent::find_by_statement(statement(db, sql, [account.into(), (now - DAY).into()])).all(db).await
}

/// Whether one more message fits under the ceilings of a day.
async fn day(transaction: &Transaction, ceilings: &Ceilings, region: &str, now: Seconds) -> Result<Result<(), TooOften>, DbErr> {
    let daily = at_most(ceilings.daily, DAY);
    if let Err(too_often) = allow(transaction, "send WHERE 1 = 1", vec![], daily, now).await? {
        return Ok(Err(too_often));
    }
    let Some(ceiling) = ceilings.daily_spend else { return Ok(Ok(())) };
    let sql = "SELECT at, country, address, voice FROM send WHERE at > $1 ORDER BY at";
    let earlier = Sent::find_by_statement(statement(transaction, sql, [(now - DAY).into()])).all(transaction).await?;
    let mut cost = ceilings.price(region) + earlier.iter().map(|sent| ceilings.price(&sent.country)).sum();
    if cost <= ceiling {
        return Ok(Ok(()));
    }
    // It fits when enough of the oldest have left the day; never, where one message is dearer than all that may be spent.
    for Sent { at, country, .. } in earlier {
        cost = cost - ceilings.price(&country);
        if cost <= ceiling {
            return Ok(Err(TooOften { wait: (at + DAY - now).max(1) }));
        }
    }
    Ok(Err(TooOften { wait: DAY }))
}

/// Forgets a message that was not sent. If it was to find out how a paused country does, another may.
///
/// # Errors
/// When the database fails.
pub async fn unsend(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    breaker::not_probed(db, id).await?;
    execute(db, "DELETE FROM send WHERE id = $1", [id.into()]).await.map(drop)
}

/// Counts a message once more: it went out twice, and was paid for twice.
///
/// # Errors
/// When the database fails.
pub async fn sent_once_more(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let sql = "INSERT INTO send (at, account_id, number_mac, address, proved, country, voice, outcome)
               SELECT at, account_id, number_mac, address, proved, country, voice, 'replaced' FROM send WHERE id = $1";
    execute(db, sql, [id.into()]).await.map(drop)
}

/// The code of this message was typed.
///
/// # Errors
/// When the database fails.
pub async fn confirmed(db: &impl ConnectionTrait, account: i64, sent_at: Seconds) -> Result<(), DbErr> {
    let sql = "UPDATE send SET outcome = 'confirmed' WHERE account_id = $1 AND at = $2 AND outcome IS NULL";
    execute(db, sql, [account.into(), sent_at.into()]).await.map(drop)
}

/// Another message takes the place of this one, if it was sent after `good_since`: its code was still good, so nothing can be learned
/// from its end.
///
/// # Errors
/// When the database fails.
pub async fn replaced(db: &impl ConnectionTrait, account: i64, sent_at: Seconds, good_since: Seconds) -> Result<(), DbErr> {
    let sql = "UPDATE send SET outcome = 'replaced' WHERE account_id = $1 AND at = $2 AND at > $3 AND outcome IS NULL";
    execute(db, sql, [account.into(), sent_at.into(), good_since.into()]).await.map(drop)
}

/// It does not, after all.
///
/// # Errors
/// When the database fails.
pub async fn restored(db: &impl ConnectionTrait, account: i64, sent_at: Seconds) -> Result<(), DbErr> {
    let sql = "UPDATE send SET outcome = NULL WHERE account_id = $1 AND at = $2 AND outcome = 'replaced'";
    execute(db, sql, [account.into(), sent_at.into()]).await.map(drop)
}

/// Whether the message of this account was a call.
///
/// # Errors
/// When the database fails.
pub async fn was_call(db: &impl ConnectionTrait, account: i64, sent_at: Seconds) -> Result<bool, DbErr> {
    let sql = "SELECT voice FROM send WHERE account_id = $1 AND at = $2";
    let row = db.query_one_raw(statement(db, sql, [account.into(), sent_at.into()])).await?;
    row.map_or(Ok(false), |row| row.try_get("", "voice"))
}
