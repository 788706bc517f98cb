//! Counts failures in database rows and checks whether another attempt is allowed.

use sea_orm::{ConnectionTrait, DbErr, Value};
use thiserror::Error;

use crate::accounts::limits::clock_set_back;
use crate::accounts::limits::limit::{Limit, Rate, TooOften};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Lock, Transaction, execute, places, rows, statement};
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;

/// Maximum length of a failure's key, in bytes.
pub(crate) const MAX_KEY_LEN: usize = 128;

/// Why an attempt was not allowed.
#[derive(Debug, Error)]
pub enum LimitError {
    /// A limit is reached.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<LimitError> for Refusal {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooOften(error) => error.into(),
            LimitError::Database(error) => error.into(),
        }
    }
}

/// An attempt counted as a failure before its outcome is known; it can be given back. Counting
/// first makes a limit hold for a hundred concurrent attempts.
#[derive(Debug, Default)]
#[must_use]
pub struct CountedTry {
    pub(super) failures: Vec<i64>,
    /// The key of the consecutive failures that include this one.
    pub(super) streak_key: Option<String>,
}

impl CountedTry {
    /// Gives the attempt back, because it did not fail.
    pub async fn give_back(self, db: &Db) -> Result<(), DbErr> {
        if !self.failures.is_empty() {
            let sql = format!(
                "DELETE FROM failure WHERE id IN ({})",
                places(1, self.failures.len())
            );
            execute(db.write(), &sql, self.failures.into_iter().map(Into::into)).await?;
        }
        if let Some(name) = self.streak_key {
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

/// The key that a limit counts attempts under, and how many it allows there.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    pub(super) limit: Limit,
    pub(super) most: i64,
    pub(super) key: String,
}

impl Counter {
    pub(super) fn new(limit: Limit, key: impl ToString) -> Self {
        Self {
            limit,
            most: limit.rate().most,
            key: key.to_string(),
        }
    }

    /// Returns a counter for an address and one for each wider IPv6 network around it, which may
    /// fail two and four times as often.
    pub(super) fn around(limit: Limit, most: i64, address: &ClientIp) -> Vec<Self> {
        let networks = [address.0.clone()]
            .into_iter()
            .chain(address.wider())
            .zip([1, 2, 4]);
        networks
            .map(|(key, times)| Self {
                limit,
                most: most.saturating_mul(times),
                key,
            })
            .collect()
    }

    /// Returns the seconds until another failure is allowed; 0 if it is now.
    pub(super) async fn wait(
        &self,
        db: &impl ConnectionTrait,
        now: Seconds,
    ) -> Result<Seconds, DbErr> {
        let values = vec![self.limit.name().into(), self.key.as_str().into()];
        let rate = Rate {
            most: self.most,
            ..self.limit.rate()
        };
        wait(
            db,
            "failure WHERE rule = $1 AND key = $2",
            values,
            rate,
            now,
        )
        .await
    }
}

/// Returns the seconds until all of these counters allow a failure.
pub(super) async fn longest_wait(
    db: &impl ConnectionTrait,
    counters: &[Counter],
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let mut longest = 0;
    for counter in counters {
        longest = longest.max(counter.wait(db, now).await?);
    }
    Ok(longest)
}

/// Counts an attempt under all of these counters, which belong to one limit.
pub(super) async fn count(
    db: &Db,
    limit: Limit,
    counters: &[Counter],
    now: Seconds,
) -> Result<CountedTry, LimitError> {
    let transaction = db.begin().await?;
    Lock::Limit(limit.name()).wait(&transaction).await?;
    clock_set_back::failures(&transaction, now).await?;
    let wait = longest_wait(&transaction, counters, now).await?;
    let counted = if wait == 0 {
        insert(&transaction, counters, now).await?
    } else {
        CountedTry::default()
    };
    transaction.commit().await?;
    limit.after(wait)?;
    Ok(counted)
}

/// Inserts a failure for each counter.
pub(super) async fn insert(
    transaction: &Transaction,
    counters: &[Counter],
    now: Seconds,
) -> Result<CountedTry, DbErr> {
    let sql = format!(
        "INSERT INTO failure (rule, key, at) VALUES {} RETURNING id",
        rows(counters.len(), 3)
    );
    let values = counters.iter().flat_map(|counter| {
        let name = counter.limit.name();
        [name.into(), counter.key.as_str().into(), now.into()]
    });
    let inserted = transaction
        .query_all_raw(statement(transaction, &sql, values))
        .await?;
    let failures = inserted
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<_, _>>()?;
    Ok(CountedTry {
        failures,
        streak_key: None,
    })
}

/// Counts the rows selected by `which` with its `values`.
pub(super) async fn count_rows(
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

/// Returns the seconds until another row is allowed by `rate`; 0 if it is now. `which` and its
/// `values` select the rows to count.
pub(super) async fn wait(
    db: &impl ConnectionTrait,
    which: &str,
    mut values: Vec<Value>,
    rate: Rate,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    values.push((now - rate.window).into());
    let which = format!("{which} AND at > ${}", values.len());
    let count = count_rows(db, &which, values.clone()).await?;
    if count < rate.most {
        return Ok(0);
    }
    // Another row is allowed once enough have left the window that fewer than `most` remain.
    let sql = format!(
        "SELECT at FROM {which} ORDER BY at LIMIT 1 OFFSET {}",
        count - rate.most
    );
    let last = db.query_one_raw(statement(db, &sql, values)).await?;
    let leaves = last
        .map(|row| row.try_get::<Seconds>("", "at"))
        .transpose()?
        .map_or(now, |at| at + rate.window);
    Ok((leaves - now).max(1))
}
