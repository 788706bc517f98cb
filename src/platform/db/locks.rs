//! PostgreSQL advisory locks, which order transactions across instances.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::platform::db::connect::PATIENCE;
use crate::platform::db::transaction::Transaction;

/// Takes the advisory lock `key` for the rest of the transaction. SQLite needs none: it has one
/// writer.
pub async fn take_turns(transaction: &Transaction, key: i64) -> Result<(), DbErr> {
    if ConnectionTrait::get_database_backend(transaction) == DbBackend::Postgres {
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [key.into()],
        );
        transaction.execute_raw(lock).await?;
    }
    Ok(())
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
