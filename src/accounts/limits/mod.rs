//! How often, and who counts: every limit has a name in `rules.rs`.
//!
//! What counts stands in rows, so that limits hold across accounts, instances and restarts. Whoever is refused uses nothing up, and
//! is told when to come back.

mod allowance;
pub mod breaker;
mod rules;
mod sends;
pub mod set_back;

pub use allowance::allow as allow_for_an_event;
pub use rules::{BETWEEN_SENDS, CODE_IS_OVER, RESERVED};
pub use sends::{Send, Sent, Stop, confirmed, replaced, restored, send, sent_once_more, sent_to, unsend, was_call};

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr, Value};
use thiserror::Error;

use self::rules::{
    DAY, NEW_POLL_OF_ACCOUNT, REGISTER_FROM_ADDRESS, REMEMBERED, Rate, Rule, WRONG_APP_CODE_OF_ACCOUNT, WRONG_CODE_OF_ACCOUNT,
    WRONG_PASSWORD_FOR_ACCOUNT, WRONG_PASSWORD_FROM_ADDRESS, WRONG_RECOVERY_CODE_OF_ACCOUNT, at_most,
};

use crate::clock::Seconds;
use crate::db::{Db, Transaction, execute, statement, take_turns};
use crate::keys::digest;
use crate::web::refusal::Refusal;
use crate::web::time::wait;

/// What failures are counted by is at most so many bytes.
const LONGEST_KEY: usize = 128;

/// Too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too often; again in {wait} s")]
pub struct TooOften {
    /// Seconds until the next one is let through.
    pub wait: Seconds,
}

impl TooOften {
    /// The refusal, with what happened before when to come back.
    #[must_use]
    pub fn refusal(self, what: &str) -> Refusal {
        Refusal::TooSoon { message: format!("{what} Please try again in {}.", wait(self.wait)), wait: self.wait }
    }
}

/// A failure that was counted before it was known to be one, and can be given back. Counting first is what makes a limit hold for a
/// hundred at once.
#[derive(Debug)]
#[must_use]
pub struct Counted(Vec<i64>);

impl Counted {
    /// It was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_back(self, db: &Db) -> Result<(), DbErr> {
        for id in self.0 {
            execute(db.write(), "DELETE FROM failure WHERE id = $1", [id.into()]).await?;
        }
        Ok(())
    }
}

/// Counts a password that may be wrong.
///
/// An account that is being guessed at is closed to the guessers only: an address without a failure of its own has one try at any
/// account.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn password_try(db: &Db, account: &str, address: &str, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    let transaction = db.begin().await?;
    take_turns(&transaction, lock("password")).await?;
    set_back::failures(&transaction, now).await?;
    let Rate { most, window } = WRONG_PASSWORD_FROM_ADDRESS.rate;
    let most = allowance::at_least(&transaction, address, most, now).await?;
    let from_address = (Rule { rate: at_most(most, window), ..WRONG_PASSWORD_FROM_ADDRESS }, address);
    // A name that is longer than any is none: a digest counts as well, and fits into the index.
    let digested = HEXLOWER.encode(&digest(account.as_bytes()));
    let for_account = (WRONG_PASSWORD_FOR_ACCOUNT, if account.len() > LONGEST_KEY { &digested } else { account });
    let none_yet = Rate { most: 1, ..from_address.0.rate };
    let stranger = failures(&transaction, from_address, none_yet, now).await?.is_ok();
    let asked = if stranger { vec![from_address] } else { vec![from_address, for_account] };
    count(transaction, &asked, &[from_address, for_account], now).await
}

/// Whether another code can be typed at all: a message whose code nobody may type is not sent.
///
/// # Errors
/// When there were too many wrong ones, or the database fails.
pub async fn may_type_codes(transaction: &Transaction, account: i64, now: Seconds) -> Result<Result<(), TooOften>, DbErr> {
    let (rule, key) = (WRONG_CODE_OF_ACCOUNT, account.to_string());
    failures(transaction, (rule, &key), rule.rate, now).await
}

/// How many more codes may be wrong today.
///
/// # Errors
/// When the database fails.
pub async fn codes_left(db: &impl ConnectionTrait, account: i64, now: Seconds) -> Result<i64, DbErr> {
    let Rule { name, rate } = WRONG_CODE_OF_ACCOUNT;
    let values = vec![name.into(), account.to_string().into(), (now - rate.window).into()];
    let wrong = how_many(db, "failure WHERE rule = $1 AND key = $2 AND at > $3", values).await?;
    Ok((rate.most - wrong).max(0))
}

/// Forgets the wrong codes of an account, of whatever kind: whoever runs the site has helped its owner.
///
/// # Errors
/// When the database fails.
pub async fn forget_wrong_codes(transaction: &Transaction, account: i64) -> Result<(), DbErr> {
    for rule in [WRONG_CODE_OF_ACCOUNT, WRONG_APP_CODE_OF_ACCOUNT, WRONG_RECOVERY_CODE_OF_ACCOUNT] {
        let sql = "DELETE FROM failure WHERE rule = $1 AND key = $2";
        execute(transaction, sql, [rule.name.into(), account.to_string().into()]).await?;
    }
    Ok(())
}

/// Counts a code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn code_try(db: &Db, account: i64, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    one(db, WRONG_CODE_OF_ACCOUNT, &account.to_string(), now).await
}

/// Counts an app's code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn app_code_try(db: &Db, account: i64, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    one(db, WRONG_APP_CODE_OF_ACCOUNT, &account.to_string(), now).await
}

/// Counts a recovery code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn recovery_code_try(db: &Db, account: i64, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    one(db, WRONG_RECOVERY_CODE_OF_ACCOUNT, &account.to_string(), now).await
}

/// Counts a new account.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn registration(db: &Db, address: &str, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    let Rate { most, window } = REGISTER_FROM_ADDRESS.rate;
    let most = allowance::at_least(db.read(), address, most, now).await?;
    one(db, Rule { rate: at_most(most, window), ..REGISTER_FROM_ADDRESS }, address, now).await
}

/// Counts a new poll, or the copy of one.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn new_poll(db: &Db, account: i64, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    one(db, NEW_POLL_OF_ACCOUNT, &account.to_string(), now).await
}

async fn one(db: &Db, rule: Rule, key: &str, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    let transaction = db.begin().await?;
    take_turns(&transaction, lock(rule.name)).await?;
    set_back::failures(&transaction, now).await?;
    count(transaction, &[(rule, key)], &[(rule, key)], now).await
}

async fn count(
    transaction: Transaction,
    asked: &[(Rule, &str)],
    counted: &[(Rule, &str)],
    now: Seconds,
) -> Result<Result<Counted, TooOften>, DbErr> {
    let mut allowed = Ok(());
    for &(rule, key) in asked {
        allowed = longest(allowed, failures(&transaction, (rule, key), rule.rate, now).await?);
    }
    if let Err(too_often) = allowed {
        transaction.commit().await?;
        return Ok(Err(too_often));
    }
    let mut ids = Vec::new();
    for (rule, key) in counted {
        let values = [rule.name.into(), (*key).into(), now.into()];
        let insert = statement(&transaction, "INSERT INTO failure (rule, key, at) VALUES ($1, $2, $3) RETURNING id", values);
        if let Some(row) = transaction.query_one_raw(insert).await? {
            ids.push(row.try_get("", "id")?);
        }
    }
    transaction.commit().await?;
    Ok(Ok(Counted(ids)))
}

/// Of two words, the one that has a person come back when both let them through.
fn longest(one: Result<(), TooOften>, other: Result<(), TooOften>) -> Result<(), TooOften> {
    match (one, other) {
        (Err(one), Err(other)) => Err(TooOften { wait: one.wait.max(other.wait) }),
        (one, other) => one.and(other),
    }
}

async fn failures(transaction: &Transaction, (rule, key): (Rule, &str), rate: Rate, now: Seconds) -> Result<Result<(), TooOften>, DbErr> {
    allow(transaction, "failure WHERE rule = $1 AND key = $2", vec![rule.name.into(), key.into()], rate, now).await
}

/// Forgets what no limit looks at any more.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(db.write(), "DELETE FROM failure WHERE at <= $1", [(now - DAY).into()]).await?;
    execute(db.write(), "DELETE FROM allowance WHERE until <= $1", [now.into()]).await?;
    // What is left serves the breaker and the operator: that a message went to a country, and how it ended.
    let sql = "UPDATE send SET account_id = 0, number_mac = $2, address = '' WHERE at <= $1 AND account_id <> 0";
    execute(db.write(), sql, [(now - DAY).into(), Vec::<u8>::new().into()]).await?;
    execute(db.write(), "DELETE FROM send WHERE at <= $1", [(now - REMEMBERED).into()]).await.map(drop)
}

/// Counts rows.
async fn how_many(db: &impl ConnectionTrait, which: &str, values: Vec<Value>) -> Result<i64, DbErr> {
    let counted = db.query_one_raw(statement(db, &format!("SELECT COUNT(*) AS n FROM {which}"), values)).await?;
    counted.map_or(Ok(0), |row| row.try_get("", "n"))
}

/// Lets another one through, or tells when it would be. `which` names the rows to count, with its `values`.
async fn allow(
    db: &impl ConnectionTrait,
    which: &str,
    mut values: Vec<Value>,
    rate: Rate,
    now: Seconds,
) -> Result<Result<(), TooOften>, DbErr> {
    values.push((now - rate.window).into());
    let which = format!("{which} AND at > ${}", values.len());
    let count = how_many(db, &which, values.clone()).await?;
    if count < rate.most {
        return Ok(Ok(()));
    }
    // Another one fits as soon as so many have left the window that fewer than `most` remain.
    let sql = format!("SELECT at FROM {which} ORDER BY at LIMIT 1 OFFSET {}", count - rate.most);
    let last = db.query_one_raw(statement(db, &sql, values)).await?;
    let leaves = last.map(|row| row.try_get::<Seconds>("", "at")).transpose()?.map_or(now, |at| at + rate.window);
    Ok(Err(TooOften { wait: (leaves - now).max(1) }))
}

/// The turn that a rule is counted in, where several instances share a database.
fn lock(name: &str) -> i64 {
    name.bytes().fold(1_019, |sum: i64, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)))
}
