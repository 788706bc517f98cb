//! PostgreSQL advisory locks, which order transactions across instances.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::platform::db::connect::PATIENCE;
use crate::platform::db::transaction::Transaction;

/// The advisory locks, each with what it orders. Their keys are shared with running instances of
/// other versions, so they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Start-up: one instance at a time migrates. Held by a session, not a transaction.
    Startup,
    /// Sealing: one instance at a time seals closed polls.
    Sealing,
    /// Claims of codes to be sent.
    Sending,
    /// Numbers changing hands between accounts.
    Numbers,
    /// Changes to how an account logs in: its password, suspension or deletion.
    Account(i64),
    /// Counting under the limit of this name.
    Limit(&'static str),
}

impl Lock {
    /// The key in PostgreSQL.
    #[must_use]
    pub fn key(self) -> i64 {
        match self {
            Self::Startup => 0x57a7,
            Self::Sealing => 0x5ea1,
            Self::Sending => 0x5E4D,
            Self::Numbers => 0x4E55,
            Self::Account(id) => 0xACC0_0000_0000 + id,
            Self::Limit(name) => name.bytes().fold(1_019, |sum: i64, byte| {
                sum.wrapping_mul(31).wrapping_add(i64::from(byte))
            }),
        }
    }

    /// Waits for the lock and holds it for the rest of the transaction. SQLite needs none: it has
    /// one writer.
    pub async fn wait(self, transaction: &Transaction) -> Result<(), DbErr> {
        if ConnectionTrait::get_database_backend(transaction) == DbBackend::Postgres {
            let sql = "SELECT pg_advisory_xact_lock($1)";
            transaction.execute_raw(self.statement(sql)).await?;
        }
        Ok(())
    }

    /// Holds the lock for the rest of the transaction if it is free now. SQLite always grants it.
    pub async fn try_now(self, transaction: &Transaction) -> Result<bool, DbErr> {
        if ConnectionTrait::get_database_backend(transaction) != DbBackend::Postgres {
            return Ok(true);
        }
        let sql = "SELECT pg_try_advisory_xact_lock($1) AS granted";
        let row = transaction.query_one_raw(self.statement(sql)).await?;
        row.map_or(Ok(false), |row| row.try_get("", "granted"))
    }

    fn statement(self, sql: &str) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, [self.key().into()])
    }
}

/// Lifts the statement timeout for the rest of the transaction; the lock timeout stays.
pub async fn take_time(transaction: &Transaction) -> Result<(), DbErr> {
    if ConnectionTrait::get_database_backend(transaction) == DbBackend::Postgres {
        let patience = PATIENCE.as_millis();
        transaction
            .execute_unprepared(&format!(
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {patience}"
            ))
            .await?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "locks_tests.rs"]
mod tests;
