//! How often, and who counts: every limit has a name here, its rate, its key and its words.
//!
//! What counts stands in rows, so that limits hold across accounts, instances and restarts. Whoever is refused uses nothing up, and
//! is told when to come back.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Value};
use thiserror::Error;

use crate::clock::Seconds;
use crate::db::{Db, execute, statement, take_turns};
use crate::web::refusal::Refusal;
use crate::web::time::wait;

const MINUTE: Seconds = 60;
const HOUR: Seconds = 60 * MINUTE;
const DAY: Seconds = 24 * HOUR;

/// At most `most` in any `window` seconds.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    most: i64,
    window: Seconds,
}

const fn at_most(most: i64, window: Seconds) -> Rate {
    Rate { most, window }
}

/// Wrong passwords for one account, from whatever address.
const WRONG_PASSWORD_FOR_ACCOUNT: Rule = Rule { name: "wrong password, account", rate: at_most(10, 15 * MINUTE) };
/// Wrong passwords from one address, for whatever account.
const WRONG_PASSWORD_FROM_ADDRESS: Rule = Rule { name: "wrong password, address", rate: at_most(50, 15 * MINUTE) };
/// New accounts from one address. A club registers in one hall.
const REGISTER_FROM_ADDRESS: Rule = Rule { name: "register, address", rate: at_most(200, HOUR) };
/// Wrong codes of one account, whatever is resent, logged out of or restarted.
const WRONG_CODE_OF_ACCOUNT: Rule = Rule { name: "wrong code, account", rate: at_most(10, DAY) };
/// Wrong codes of one account's app.
const WRONG_APP_CODE_OF_ACCOUNT: Rule = Rule { name: "wrong app code, account", rate: at_most(10, DAY) };
/// Wrong recovery codes of one account.
const WRONG_RECOVERY_CODE_OF_ACCOUNT: Rule = Rule { name: "wrong recovery code, account", rate: at_most(10, DAY) };

/// Between two messages for one account, in seconds: the providers cannot cancel earlier (Vonage Verify v1, status 19).
pub const BETWEEN_SENDS: Seconds = 30;
/// While a number that nobody has proved waits for one account's code, no other account starts on it, or a stranger could use up
/// its messages.
const RESERVED: Seconds = HOUR;
const TO_NUMBER: [Rate; 2] = [at_most(3, 10 * MINUTE), at_most(5, HOUR)];
const BY_ACCOUNT: Rate = at_most(5, HOUR);
const FROM_ADDRESS_TO_NEW: Rate = at_most(10, HOUR);
const FROM_ADDRESS_TO_PROVED: Rate = at_most(200, HOUR);
const BY_EVERYBODY: Rate = at_most(1_000, HOUR);

/// A named limit on failures.
#[derive(Clone, Copy, Debug)]
struct Rule {
    name: &'static str,
    rate: Rate,
}

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
    let from_address = (WRONG_PASSWORD_FROM_ADDRESS, address);
    let for_account = (WRONG_PASSWORD_FOR_ACCOUNT, account);
    let stranger = failures(&transaction, from_address, now).await?.count == 0;
    let asked = if stranger { vec![from_address] } else { vec![from_address, for_account] };
    count(transaction, &asked, &[from_address, for_account], now).await
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
    one(db, REGISTER_FROM_ADDRESS, address, now).await
}

async fn one(db: &Db, rule: Rule, key: &str, now: Seconds) -> Result<Result<Counted, TooOften>, DbErr> {
    let transaction = db.begin().await?;
    take_turns(&transaction, lock(rule.name)).await?;
    count(transaction, &[(rule, key)], &[(rule, key)], now).await
}

async fn count(
    transaction: DatabaseTransaction,
    asked: &[(Rule, &str)],
    counted: &[(Rule, &str)],
    now: Seconds,
) -> Result<Result<Counted, TooOften>, DbErr> {
    for &(rule, key) in asked {
        if let Err(too_often) = failures(&transaction, (rule, key), now).await?.allow(rule.rate, now) {
            return Ok(Err(too_often));
        }
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

async fn failures(transaction: &DatabaseTransaction, (rule, key): (Rule, &str), now: Seconds) -> Result<Past, DbErr> {
    let since = now - rule.rate.window;
    past(transaction, "failure WHERE rule = $1 AND key = $2 AND at > $3", &[rule.name.into(), key.into(), since.into()]).await
}

/// A message that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Send<'a> {
    /// Whose it is.
    pub account: i64,
    /// Where it goes.
    pub number_mac: &'a [u8],
    /// Whether this account has proved this number before.
    pub proved: bool,
    /// Where it was asked for.
    pub address: &'a str,
}

/// Counts a message inside the transaction that claims it, and tells its row number.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn send(transaction: &DatabaseTransaction, send: Send<'_>, now: Seconds) -> Result<Result<i64, TooOften>, DbErr> {
    let number = || Value::from(send.number_mac.to_vec());
    if !send.proved {
        let values = [number(), send.account.into(), (now - RESERVED).into()];
        let others = past(transaction, "send WHERE number_mac = $1 AND account_id <> $2 AND at > $3", &values).await?;
        if let Err(too_often) = others.allow(at_most(1, RESERVED), now) {
            return Ok(Err(too_often));
        }
    }
    let from_address = if send.proved { FROM_ADDRESS_TO_PROVED } else { FROM_ADDRESS_TO_NEW };
    let rules = [
        ("number_mac = $1", vec![number()], TO_NUMBER[0]),
        ("number_mac = $1", vec![number()], TO_NUMBER[1]),
        ("account_id = $1", vec![send.account.into()], BY_ACCOUNT),
        ("address = $1 AND proved = $2", vec![send.address.into(), send.proved.into()], from_address),
        ("1 = 1", vec![], BY_EVERYBODY),
    ];
    for (which, mut values, rate) in rules {
        values.push((now - rate.window).into());
        let earlier = past(transaction, &format!("send WHERE {which} AND at > ${}", values.len()), &values).await?;
        if let Err(too_often) = earlier.allow(rate, now) {
            return Ok(Err(too_often));
        }
    }
    let values = [now.into(), send.account.into(), number(), send.address.into(), send.proved.into()];
    let sql = "INSERT INTO send (at, account_id, number_mac, address, proved) VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let row = transaction.query_one_raw(statement(transaction, sql, values)).await?;
    row.ok_or_else(|| DbErr::RecordNotInserted)?.try_get("", "id").map(Ok)
}

/// Forgets a message that was not sent.
///
/// # Errors
/// When the database fails.
pub async fn unsend(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    execute(db, "DELETE FROM send WHERE id = $1", [id.into()]).await.map(drop)
}

/// Forgets what no limit looks at any more.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(db.write(), "DELETE FROM failure WHERE at <= $1", [(now - DAY).into()]).await?;
    execute(db.write(), "DELETE FROM send WHERE at <= $1", [(now - DAY).into()]).await.map(drop)
}

/// What happened in a window of time: how often, and the times, oldest first.
#[derive(Debug)]
struct Past {
    count: i64,
    times: Vec<Seconds>,
}

impl Past {
    /// Lets another one through, or tells when it would be.
    fn allow(&self, rate: Rate, now: Seconds) -> Result<(), TooOften> {
        if self.count < rate.most {
            return Ok(());
        }
        // Another one fits as soon as so many have left the window that fewer than `most` remain.
        let leaving = usize::try_from(self.count - rate.most).unwrap_or_default();
        let leaves = self.times.get(leaving).map_or(now, |at| at + rate.window);
        Err(TooOften { wait: (leaves - now).max(1) })
    }
}

#[derive(FromQueryResult)]
struct At {
    at: Seconds,
}

async fn past(transaction: &DatabaseTransaction, which: &str, values: &[Value]) -> Result<Past, DbErr> {
    let sql = format!("SELECT at FROM {which} ORDER BY at LIMIT 1000");
    let rows = At::find_by_statement(statement(transaction, &sql, values.to_vec())).all(transaction).await?;
    let times: Vec<Seconds> = rows.into_iter().map(|row| row.at).collect();
    Ok(Past { count: i64::try_from(times.len()).unwrap_or(i64::MAX), times })
}

/// The turn that a rule is counted in, where several instances share a database.
fn lock(name: &str) -> i64 {
    name.bytes().fold(1_019, |sum: i64, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past_of(times: &[Seconds]) -> Past {
        Past { count: i64::try_from(times.len()).unwrap(), times: times.to_vec() }
    }

    #[test]
    fn another_one_is_let_through_when_the_oldest_leaves_the_window() {
        let rate = at_most(3, 600);
        assert_eq!(past_of(&[100, 200]).allow(rate, 300), Ok(()));
        assert_eq!(past_of(&[100, 200, 250]).allow(rate, 300), Err(TooOften { wait: 400 }));
        assert_eq!(past_of(&[100, 200, 250, 260]).allow(rate, 300), Err(TooOften { wait: 500 }));
        assert_eq!(past_of(&[100, 100, 100]).allow(rate, 700), Err(TooOften { wait: 1 }));
    }
}
