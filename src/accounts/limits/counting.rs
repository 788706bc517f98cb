//! Counts failures in rows and decides whether another try is allowed.

use sea_orm::{ConnectionTrait, DbErr, Value};
use thiserror::Error;

use crate::accounts::limits::clock_set_back;
use crate::accounts::limits::rules::{Rate, Rule, at_most};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute, places, rows, statement, take_turns};
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::time::wait;

/// What failures are counted by is at most so many bytes.
pub(crate) const LONGEST_KEY: usize = 128;

/// Too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too often; again in {wait} s")]
pub struct LimitError {
    /// Seconds until the next one is let through.
    pub wait: Seconds,
}

impl LimitError {
    /// The refusal, with what happened before when to come back.
    #[must_use]
    pub fn refusal(self, what: &str) -> Refusal {
        Refusal::TooSoon {
            message: format!("{what} Please try again in {}.", wait(self.wait)),
            wait: self.wait,
        }
    }
}

/// A failure that was counted before it was known to be one, and can be given back. Counting first is what makes a limit hold for a
/// hundred at once.
#[derive(Debug, Default)]
#[must_use]
pub struct CountedFailure {
    pub(super) failures: Vec<i64>,
    /// The name it was counted by as one of many in a row.
    pub(super) in_a_row: Option<String>,
}

impl CountedFailure {
    /// It was none.
    pub async fn give_back(self, db: &Db) -> Result<(), DbErr> {
        if !self.failures.is_empty() {
            let sql = format!(
                "DELETE FROM failure WHERE id IN ({})",
                places(1, self.failures.len())
            );
            execute(db.write(), &sql, self.failures.into_iter().map(Into::into)).await?;
        }
        if let Some(name) = self.in_a_row {
            execute(
                db.write(),
                "UPDATE password_failure SET failures = failures - 1 WHERE name = $1 AND failures > 0",
                [name.into()],
            )
            .await?;
        }
        Ok(())
    }
}

pub(crate) async fn one(
    db: &Db,
    rule: Rule,
    key: &str,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    count(db, rule.name, &[(rule, key.to_owned())], now).await
}

/// A rule for an address, and for the larger IPv6 networks around it, which may do twice and four times as much.
pub(crate) fn around(rule: Rule, most: i64, address: &ClientIp) -> Vec<(Rule, String)> {
    let networks = [address.0.clone()]
        .into_iter()
        .chain(address.wider())
        .zip([1, 2, 4]);
    networks
        .map(|(network, times)| {
            (
                Rule {
                    rate: at_most(most.saturating_mul(times), rule.rate.window),
                    ..rule
                },
                network,
            )
        })
        .collect()
}

pub(crate) async fn count(
    db: &Db,
    turn: &str,
    rules: &[(Rule, String)],
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    let transaction = db.begin().await?;
    take_turns(&transaction, lock(turn)).await?;
    clock_set_back::failures(&transaction, now).await?;
    let counted = count_in(&transaction, rules, rules, now).await?;
    transaction.commit().await?;
    Ok(counted)
}

pub(crate) async fn count_in(
    transaction: &Transaction,
    asked: &[(Rule, String)],
    counted: &[(Rule, String)],
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    let mut allowed = Ok(());
    for (rule, key) in asked {
        allowed = longest(
            allowed,
            failures(transaction, (*rule, key), rule.rate, now).await?,
        );
    }
    if let Err(too_often) = allowed {
        return Ok(Err(too_often));
    }
    let sql = format!(
        "INSERT INTO failure (rule, key, at) VALUES {} RETURNING id",
        rows(counted.len(), 3)
    );
    let values = counted
        .iter()
        .flat_map(|(rule, key)| [rule.name.into(), key.as_str().into(), now.into()]);
    let inserted = transaction
        .query_all_raw(statement(transaction, &sql, values))
        .await?;
    let failures = inserted
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<_, _>>()?;
    Ok(Ok(CountedFailure {
        failures,
        in_a_row: None,
    }))
}

/// Of two words, the one that has a person come back when both let them through.
pub(crate) fn longest(
    one: Result<(), LimitError>,
    other: Result<(), LimitError>,
) -> Result<(), LimitError> {
    match (one, other) {
        (Err(one), Err(other)) => Err(LimitError {
            wait: one.wait.max(other.wait),
        }),
        (one, other) => one.and(other),
    }
}

pub(crate) async fn failures(
    db: &impl ConnectionTrait,
    (rule, key): (Rule, &str),
    rate: Rate,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    allow(
        db,
        "failure WHERE rule = $1 AND key = $2",
        vec![rule.name.into(), key.into()],
        rate,
        now,
    )
    .await
}

/// Counts rows.
pub(crate) async fn how_many(
    db: &impl ConnectionTrait,
    which: &str,
    values: Vec<Value>,
) -> Result<i64, DbErr> {
    let counted = db
        .query_one_raw(statement(
            db,
            &format!("SELECT COUNT(*) AS n FROM {which}"),
            values,
        ))
        .await?;
    counted.map_or(Ok(0), |row| row.try_get("", "n"))
}

/// Lets another one through, or tells when it would be. `which` names the rows to count, with its `values`.
pub(crate) async fn allow(
    db: &impl ConnectionTrait,
    which: &str,
    mut values: Vec<Value>,
    rate: Rate,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    values.push((now - rate.window).into());
    let which = format!("{which} AND at > ${}", values.len());
    let count = how_many(db, &which, values.clone()).await?;
    if count < rate.most {
        return Ok(Ok(()));
    }
    // Another one fits as soon as so many have left the window that fewer than `most` remain.
    let sql = format!(
        "SELECT at FROM {which} ORDER BY at LIMIT 1 OFFSET {}",
        count - rate.most
    );
    let last = db.query_one_raw(statement(db, &sql, values)).await?;
    let leaves = last
        .map(|row| row.try_get::<Seconds>("", "at"))
        .transpose()?
        .map_or(now, |at| at + rate.window);
    Ok(Err(LimitError {
        wait: (leaves - now).max(1),
    }))
}

/// The turn that a rule is counted in, where several instances share a database.
pub(crate) fn lock(name: &str) -> i64 {
    name.bytes().fold(1_019, |sum: i64, byte| {
        sum.wrapping_mul(31).wrapping_add(i64::from(byte))
    })
}
