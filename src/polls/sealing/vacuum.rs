//! Removes what rewritten rows leave behind in the database files.
//!
//! On SQLite that is only the write-ahead log: deleted content of the file is overwritten
//! immediately. PostgreSQL only marks old rows as dead and keeps their bytes, transaction ids
//! included. So the partitions that receive votes are rewritten with `VACUUM (FULL)`, which deletes
//! the old files. Rows of sealed polls have left these partitions, so the duration depends only on
//! the votes in open polls.

use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{AssertSqlSafe, Executor, Postgres, Row, query};
use sea_orm::{DbBackend, DbErr};
use tokio::time::sleep;

use crate::platform::db::{Db, failed};

/// Number of attempts while readers block it.
const TRIES: u32 = 20;
/// Delay between attempts. On PostgreSQL also the lock timeout, for which votes queue behind this
/// connection while it waits for readers.
const PAUSE: Duration = Duration::from_millis(250);

/// The tables in which votes leave dead rows on PostgreSQL.
const TABLES: [&str; 4] = [
    "participation_open",
    "account_participation_open",
    "ballot_open",
    "tally",
];

/// Counts the transactions in this database that began before the given transaction id: `VACUUM`
/// would keep the dead rows that they can still see.
const COUNT_EARLIER_TRANSACTIONS: &str = "SELECT COUNT(*) FROM (
        SELECT GREATEST(age(backend_xid), age(backend_xmin)) AS age FROM pg_stat_activity
        WHERE datname = current_database() OR datname IS NULL
        UNION ALL SELECT age(transaction) FROM pg_prepared_xacts WHERE database = current_database()
        UNION ALL SELECT age(xmin) FROM pg_replication_slots
    ) AS other WHERE age > age($1::text::xid)";

/// Removes everything left behind so far.
///
/// # Errors
/// When another transaction blocks it for too long.
pub async fn sweep(db: &Db) -> Result<(), DbErr> {
    let mut broom = Vacuum::new(db).await?;
    for _ in 1..TRIES {
        match broom.sweep(db).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                tracing::debug!(%error, "not cleared away yet");
                sleep(PAUSE).await;
            }
        }
    }
    broom.sweep(db).await
}

/// The state of a sweep.
enum Vacuum {
    Sqlite,
    /// A connection, the next transaction id at the start, and the remaining tables.
    Postgres(PoolConnection<Postgres>, String, Vec<&'static str>),
}

impl Vacuum {
    async fn new(db: &Db) -> Result<Self, DbErr> {
        if db.backend() == DbBackend::Sqlite {
            return Ok(Self::Sqlite);
        }
        let mut connection = db.apart().await?;
        connection
            .execute(AssertSqlSafe(format!(
                "SET lock_timeout = {}",
                PAUSE.as_millis()
            )))
            .await
            .map_err(failed)?;
        let now = connection
            .fetch_one("SELECT pg_snapshot_xmax(pg_current_snapshot())::xid::text")
            .await;
        let now = now.and_then(|row| row.try_get(0)).map_err(failed)?;
        Ok(Self::Postgres(connection, now, TABLES.to_vec()))
    }

    async fn sweep(&mut self, db: &Db) -> Result<(), DbErr> {
        let Self::Postgres(connection, now, left) = self else {
            return db.empty_log().await;
        };
        let earlier = connection
            .fetch_one(query(COUNT_EARLIER_TRANSACTIONS).bind(now.as_str()))
            .await;
        let earlier: i64 = earlier.and_then(|row| row.try_get(0)).map_err(failed)?;
        if earlier > 0 {
            return Err(DbErr::Custom(
                "a transaction from before the close is still open, for which old rows are kept"
                    .to_owned(),
            ));
        }
        while let Some(table) = left.last() {
            connection
                .execute(AssertSqlSafe(format!("VACUUM (FULL) {table}")))
                .await
                .map_err(failed)?;
            left.pop();
        }
        Ok(())
    }
}
