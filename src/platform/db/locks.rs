//! Advisory locks of PostgreSQL, by which transactions and instances wait for each other.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::platform::db::connect::PATIENCE;
use crate::platform::db::transaction::Transaction;

/// Makes the rest of a transaction wait for every other that named the same `key`. SQLite has one writer, so there it is so already.
///
/// # Errors
/// When the database is away or the wait is too long.
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

/// Lets the rest of a transaction take as long as it needs, where otherwise no statement may. Locks are waited for no longer than ever.
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
