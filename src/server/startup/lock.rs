//! The startup lock: of several instances on one PostgreSQL database, only one at a time migrates
//! it. A waiting instance reports what it waits for, and gives up after a while.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{AssertSqlSafe, Error as SqlxError, Executor, PgConnection, Postgres, Row};
use sea_orm::{DbBackend, DbErr};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout};

use crate::platform::db::{Db, Lock, failed};

/// How long a wait stays silent.
const LOG_DELAY: Duration = Duration::from_secs(2);
/// Interval between attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// Timeout of an attempt.
const ANSWER: Duration = Duration::from_secs(5);

/// The held lock. Dropping it closes the connection that holds it.
#[derive(Debug)]
pub(super) struct StartupLock(
    #[expect(dead_code, reason = "it is held, and not used")] Option<PoolConnection<Postgres>>,
);

/// The process that holds the lock.
#[derive(Debug, Default)]
pub struct Holder {
    backend: Option<i32>,
    from: Option<String>,
    since: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(backend) = self.backend else {
            return f.write_str("another process");
        };
        write!(f, "another process (PostgreSQL backend {backend}")?;
        self.from
            .iter()
            .try_for_each(|from| write!(f, ", from {from}"))?;
        self.since
            .iter()
            .try_for_each(|since| write!(f, ", connected since {since}"))?;
        f.write_str(")")
    }
}

impl Holder {
    /// Returns how to end that process, if known.
    #[must_use]
    pub fn remedy(&self) -> String {
        self.backend
            .map(|backend| format!(", or end it with SELECT pg_terminate_backend({backend})"))
            .unwrap_or_default()
    }
}

/// Why the startup lock was not taken.
#[derive(Debug, Error)]
pub enum StartupLockError {
    /// Another process has been starting for too long.
    #[error("DATABASE_URL: {holder} has been starting on this database, or upgrading it, for {seconds} s; try again later{}", .holder.remedy())]
    Held {
        /// The other process.
        holder: Holder,
        /// How long this process waited, in seconds.
        seconds: u64,
    },
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}

/// Takes the lock, waiting for at most `patience`. SQLite serves one process and needs none.
pub(super) async fn acquire(db: &Db, patience: Duration) -> Result<StartupLock, StartupLockError> {
    if db.backend() == DbBackend::Sqlite {
        return Ok(StartupLock(None));
    }
    let mut connection = db.apart().await?;
    let (began, mut logged) = (Instant::now(), false);
    loop {
        let lock = format!("SELECT pg_try_advisory_lock({})", Lock::Startup.key());
        if answer(connection.fetch_one(AssertSqlSafe(lock)))
            .await?
            .try_get(0)
            .map_err(failed)?
        {
            return Ok(StartupLock(Some(connection)));
        }
        let waited = began.elapsed();
        if waited >= patience {
            return Err(StartupLockError::Held {
                holder: holder(&mut connection).await,
                seconds: patience.as_secs(),
            });
        }
        if waited >= LOG_DELAY && !logged {
            logged = true;
            let holder = holder(&mut connection).await;
            // A closed standard error is ignored.
            let _ = writeln!(
                std::io::stderr(),
                "pollstr: waiting for {holder}, which is starting on this database or upgrading it"
            );
        }
        sleep(PAUSE.min(patience.saturating_sub(waited))).await;
    }
}

/// Reads who holds the lock, as far as PostgreSQL reports it.
async fn holder(connection: &mut PgConnection) -> Holder {
    let sql = format!(
        "SELECT pg_locks.pid, client_addr::text, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"')
         FROM pg_locks LEFT JOIN pg_stat_activity ON pg_stat_activity.pid = pg_locks.pid
         WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = {} AND objsubid = 1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        Lock::Startup.key()
    );
    match answer(connection.fetch_optional(AssertSqlSafe(sql))).await {
        Ok(Some(row)) => Holder {
            backend: row.try_get(0).ok(),
            from: row.try_get(1).unwrap_or_default(),
            since: row.try_get(2).unwrap_or_default(),
        },
        _ => Holder::default(),
    }
}

async fn answer<T>(asked: impl Future<Output = Result<T, SqlxError>>) -> Result<T, DbErr> {
    match timeout(ANSWER, asked).await {
        Ok(answered) => answered.map_err(failed),
        Err(_) => Err(DbErr::Custom("the database does not answer".to_owned())),
    }
}
