//! Tracks whether writes succeed, for `/readyz`. While they fail, a probe every second detects when
//! they succeed again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, sqlx,
};

use crate::platform::db::sql::execute;

/// Interval of probes.
const PAUSE: Duration = Duration::from_secs(1);
/// The row in `setting` that a probe writes and deletes.
const PROBE: &str = "write probe";
/// Size of a probe: more than the free space inside existing pages, so that it fails where a vote
/// would.
const PROBE_BYTES: usize = 64 * 1024;

/// Whether the last write succeeded. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct WriteHealth(Arc<State>);

#[derive(Debug)]
struct State {
    connection: DatabaseConnection,
    failing: AtomicBool,
    probing: AtomicBool,
}

impl WriteHealth {
    pub(crate) fn new(connection: DatabaseConnection) -> Self {
        Self(Arc::new(State {
            connection,
            failing: AtomicBool::new(false),
            probing: AtomicBool::new(false),
        }))
    }

    pub(crate) fn is_failing(&self) -> bool {
        self.0.failing.load(Ordering::Acquire)
    }

    pub(crate) fn succeeded(&self) {
        if self.0.failing.swap(false, Ordering::AcqRel) {
            tracing::info!("the database takes writes again");
        }
    }

    /// Records a failed write, unless the statement itself was wrong.
    pub(crate) fn failed(&self, error: &DbErr) {
        if !is_trouble(error) {
            return;
        }
        if !self.0.failing.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "the database refuses writes");
        }
        if !self.0.probing.swap(true, Ordering::AcqRel) {
            tokio::spawn(self.clone().probe());
        }
    }

    /// Probes once a second until a write succeeds.
    async fn probe(self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            if self.is_failing() {
                match write_and_delete(&self.0.connection).await {
                    Ok(()) => self.succeeded(),
                    Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)) => return,
                    Err(error) => tracing::debug!(%error, "the database still refuses writes"),
                }
            }
            // A write may fail between these two lines: either it starts a probe or this loop
            // continues.
            if !self.is_failing() {
                self.0.probing.store(false, Ordering::Release);
                if !self.is_failing() || self.0.probing.swap(true, Ordering::AcqRel) {
                    return;
                }
            }
        }
    }
}

async fn write_and_delete(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let options = immediate(connection.get_database_backend());
    let transaction = connection.begin_with_options(options).await?;
    let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    execute(
        &transaction,
        sql,
        [PROBE.into(), "x".repeat(PROBE_BYTES).into()],
    )
    .await?;
    transaction.commit().await?;
    execute(
        connection,
        "DELETE FROM setting WHERE name = $1",
        [PROBE.into()],
    )
    .await
    .map(drop)
}

/// Takes SQLite's write lock at BEGIN: a transaction that reads before it writes would be refused
/// if another wrote in between.
pub(crate) fn immediate(backend: DbBackend) -> TransactionOptions {
    let sqlite_transaction_mode =
        (backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate);
    TransactionOptions {
        sqlite_transaction_mode,
        ..TransactionOptions::default()
    }
}

pub(crate) fn writes(sql: &str) -> bool {
    !sql.trim_start()
        .get(..6)
        .is_some_and(|verb| verb.eq_ignore_ascii_case("SELECT"))
}

/// Returns whether an error means trouble with the database rather than a wrong statement.
fn is_trouble(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match &**error {
                sqlx::Error::Database(error) => {
                    matches!(error.kind(), sqlx::error::ErrorKind::Other)
                }
                sqlx::Error::RowNotFound => false,
                _ => true,
            }
        }
        _ => false,
    }
}
