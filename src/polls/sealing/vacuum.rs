//! Clearing away what rewritten rows have left behind.
//!
//! On SQLite that is the log alone: in the file, what is deleted is overwritten at once. PostgreSQL only forgets where old rows lie and
//! leaves their bytes, transaction numbers and all; so the parts of the tables in which votes arrive are copied, whatever is alive, and
//! their old files deleted. Rows of sealed polls have left these parts, so it takes as long as there are votes in open polls.

use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{AssertSqlSafe, Executor, Postgres, Row, query};
use sea_orm::{DbBackend, DbErr};
use tokio::time::sleep;

use crate::platform::db::{Db, failed};

/// How often it is tried, when readers are in the way.
const TRIES: u32 = 20;
/// How long until the next try; on PostgreSQL also how long votes wait behind us, while we wait for who reads.
const PAUSE: Duration = Duration::from_millis(250);

/// Where votes leave something behind on PostgreSQL.
const TABLES: [&str; 4] = [
    "participation_open",
    "account_participation_open",
    "ballot_open",
    "tally",
];

/// How many there are, in this database, who began before this transaction number was given out: what they may still see would be kept.
const EARLIER: &str = "SELECT COUNT(*) FROM (
        SELECT GREATEST(age(backend_xid), age(backend_xmin)) AS age FROM pg_stat_activity
        WHERE datname = current_database() OR datname IS NULL
        UNION ALL SELECT age(transaction) FROM pg_prepared_xacts WHERE database = current_database()
        UNION ALL SELECT age(xmin) FROM pg_replication_slots
    ) AS other WHERE age > age($1::text::xid)";

/// Clears away what was left behind up to now.
///
/// # Errors
/// When the database fails, or somebody is in the way for too long.
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

/// What is swept with.
enum Vacuum {
    Sqlite,
    /// A connection, the number that the next transaction had at the beginning, and the tables that are left.
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
            .fetch_one(query(EARLIER).bind(now.as_str()))
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
