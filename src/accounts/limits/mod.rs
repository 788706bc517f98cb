//! How often, and who counts: every limit has a name in `rules.rs`.
//!
//! What counts stands in rows, so that limits hold across accounts, instances and restarts. Whoever is refused uses nothing up, and
//! is told when to come back.

pub mod area;
pub mod circuit_breaker;
pub mod clock_set_back;
mod overrides;
pub mod passwords;
pub mod resume;
mod rules;
mod sends;
mod trip;
mod turns;

pub use crate::accounts::limits::circuit_breaker::{Which, resume};
pub use crate::accounts::limits::overrides::allow as allow_for_an_event;
pub use crate::accounts::limits::rules::{BETWEEN_SENDS, CODE_IS_OVER};
pub use crate::accounts::limits::sends::{
    Send, SendDenied, Sent, confirmed, just_now, next_send, replaced, restored, send,
    sent_once_more, sent_to, unsend, was_call,
};
pub use crate::accounts::limits::turns::{in_the_way, wait as wait_for_turn};

use sea_orm::{ConnectionTrait, DbErr, Value};
use thiserror::Error;

use crate::accounts::limits::rules::{
    DAY, FEWEST_TRIES, NAME_TAKEN_FROM_ADDRESS, NEW_POLL_OF_ACCOUNT, REGISTER_FROM_ADDRESS,
    REMEMBERED, Rate, Rule, WRONG_APP_CODE_OF_ACCOUNT, WRONG_CODE_OF_ACCOUNT,
    WRONG_RECOVERY_CODE_OF_ACCOUNT, at_most,
};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute, places, rows, statement, take_turns};
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::time::wait;

/// What failures are counted by is at most so many bytes.
const LONGEST_KEY: usize = 128;

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
    failures: Vec<i64>,
    /// The name it was counted by as one of many in a row.
    in_a_row: Option<String>,
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

    /// It was none, and the password of this name was right.
    pub async fn was_right(self, db: &Db, name: &str) -> Result<(), DbErr> {
        if let Some(in_a_row) = &self.in_a_row {
            passwords::was_right(db, name, in_a_row).await?;
        }
        Self {
            in_a_row: None,
            ..self
        }
        .give_back(db)
        .await
    }
}

/// Whether another code could be typed as often as any: a message whose code has fewer tries left is not sent.
///
/// # Errors
/// When there were too many wrong ones, or the database fails.
pub async fn may_type_codes(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    let (rule, key) = (WRONG_CODE_OF_ACCOUNT, account.to_string());
    let most = rule.rate.most - FEWEST_TRIES + 1;
    failures(db, (rule, &key), at_most(most, rule.rate.window), now).await
}

/// How many more codes may be wrong today.
pub async fn codes_left(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<i64, DbErr> {
    let Rule { name, rate } = WRONG_CODE_OF_ACCOUNT;
    let values = vec![
        name.into(),
        account.to_string().into(),
        (now - rate.window).into(),
    ];
    let wrong = how_many(
        db,
        "failure WHERE rule = $1 AND key = $2 AND at > $3",
        values,
    )
    .await?;
    Ok((rate.most - wrong).max(0))
}

/// Forgets the wrong codes of an account, of whatever kind: whoever runs the site has helped its owner.
pub async fn forget_wrong_codes(transaction: &Transaction, account: i64) -> Result<(), DbErr> {
    for rule in [
        WRONG_CODE_OF_ACCOUNT,
        WRONG_APP_CODE_OF_ACCOUNT,
        WRONG_RECOVERY_CODE_OF_ACCOUNT,
    ] {
        let sql = "DELETE FROM failure WHERE rule = $1 AND key = $2";
        execute(
            transaction,
            sql,
            [rule.name.into(), account.to_string().into()],
        )
        .await?;
    }
    Ok(())
}

/// Counts a code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn code_try(
    db: &Db,
    account: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(db, WRONG_CODE_OF_ACCOUNT, &account.to_string(), now).await
}

/// Counts an app's code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn app_code_try(
    db: &Db,
    account: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(db, WRONG_APP_CODE_OF_ACCOUNT, &account.to_string(), now).await
}

/// Counts a recovery code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn recovery_code_try(
    db: &Db,
    account: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(
        db,
        WRONG_RECOVERY_CODE_OF_ACCOUNT,
        &account.to_string(),
        now,
    )
    .await
}

/// Counts a new account.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn registration(
    db: &Db,
    address: &str,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    let Rate { most, window } = REGISTER_FROM_ADDRESS.rate;
    let most = overrides::at_least(db.read(), address, most, now).await?;
    one(
        db,
        Rule {
            rate: at_most(most, window),
            ..REGISTER_FROM_ADDRESS
        },
        address,
        now,
    )
    .await
}

/// Counts a new poll, or the copy of one; so many a day may be made.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn new_poll(
    db: &Db,
    account: i64,
    most: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(
        db,
        Rule {
            rate: at_most(most, DAY),
            ..NEW_POLL_OF_ACCOUNT
        },
        &account.to_string(),
        now,
    )
    .await
}

/// Counts a username that may be taken: a name that is free is no finding, and its account is counted.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn name_try(
    db: &Db,
    address: &ClientIp,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    let most = overrides::at_least(
        db.read(),
        &address.0,
        NAME_TAKEN_FROM_ADDRESS.rate.most,
        now,
    )
    .await?;
    let rules = around(NAME_TAKEN_FROM_ADDRESS, most, address);
    count(db, NAME_TAKEN_FROM_ADDRESS.name, &rules, now).await
}

async fn one(
    db: &Db,
    rule: Rule,
    key: &str,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    count(db, rule.name, &[(rule, key.to_owned())], now).await
}

/// A rule for an address, and for the larger IPv6 networks around it, which may do twice and four times as much.
fn around(rule: Rule, most: i64, address: &ClientIp) -> Vec<(Rule, String)> {
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

async fn count(
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

async fn count_in(
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
fn longest(one: Result<(), LimitError>, other: Result<(), LimitError>) -> Result<(), LimitError> {
    match (one, other) {
        (Err(one), Err(other)) => Err(LimitError {
            wait: one.wait.max(other.wait),
        }),
        (one, other) => one.and(other),
    }
}

async fn failures(
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

/// Forgets what no limit looks at any more.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM failure WHERE at <= $1",
        [(now - DAY).into()],
    )
    .await?;
    execute(
        db.write(),
        "DELETE FROM limit_override WHERE expires_at <= $1",
        [now.into()],
    )
    .await?;
    circuit_breaker::forget(db, now).await?;
    turns::forget(db, now).await?;
    passwords::forget(db, now).await?;
    // What is left serves the breaker and the operator: that a message went to a country, and how it ended.
    let sql = "UPDATE send SET account_id = 0, number_mac = $2, address = '', network = '', prefix = '', wide_prefix = ''
               WHERE at <= $1 AND account_id <> 0";
    execute(
        db.write(),
        sql,
        [(now - DAY).into(), Vec::<u8>::new().into()],
    )
    .await?;
    execute(
        db.write(),
        "DELETE FROM send WHERE at <= $1",
        [(now - REMEMBERED).into()],
    )
    .await
    .map(drop)
}

/// Counts rows.
async fn how_many(
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
async fn allow(
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
fn lock(name: &str) -> i64 {
    name.bytes().fold(1_019, |sum: i64, byte| {
        sum.wrapping_mul(31).wrapping_add(i64::from(byte))
    })
}
