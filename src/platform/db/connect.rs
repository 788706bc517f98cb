//! Connection options, and the checks when a connection leaves the pool and when it returns.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectOptions;
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{
    AssertSqlSafe, Connection, Error as SqlxError, Executor, PgConnection, Postgres, Row, Sqlite,
    SqliteConnection,
};
use tokio::time::timeout;

/// How long a request waits for a connection.
pub(super) const CONNECTION: Duration = Duration::from_secs(2);

/// Lock timeout of a statement. Together with the wait for a connection, a page answers within 6 s.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Timeout of the ping before a connection is used.
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// Read connections to SQLite; eight were fastest on two cores.
pub(super) const SQLITE_READERS: u32 = 8;

/// Connections to PostgreSQL per instance; a server's default limit is 100.
pub(super) const POSTGRES_CONNECTIONS: u32 = 16;

/// Prepared statements of an SQLite reader.
pub(super) const READ_STATEMENTS: usize = 100;

/// Prepared statements of the SQLite writer. A batch of votes has statements for each size up to
/// 64; a smaller cache would keep dropping them.
pub(super) const WRITE_STATEMENTS: usize = 512;

pub(super) fn sqlite(url: &str, connections: u32, statements: usize) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    common(&mut options, connections)
        .map_sqlx_sqlite_opts(move |options: SqliteConnectOptions| {
            options
                .statement_cache_capacity(statements)
                // `open_file` creates it. A file that is moved away later must not be replaced by
                // an empty one.
                .create_if_missing(false)
                .journal_mode(SqliteJournalMode::Wal)
                // An acknowledged vote survives a power cut.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(PATIENCE)
                // Deleted rows are overwritten: a closed poll's old rows must not be found in the
                // file.
                .pragma("secure_delete", "ON")
        })
        .map_sqlx_sqlite_pool_opts(|pool: PoolOptions<Sqlite>| {
            pool.after_release(|connection, _| {
                Box::pin(async { Ok(sqlite_at_rest(connection).await) })
            })
        });
    options
}

/// Returns whether a connection returned to the pool is outside any transaction; otherwise the pool
/// closes it.
///
/// After SQLite rolls back on its own (a COMMIT on a full disk), sqlx-sqlite 0.9.0 fails to roll
/// back again and keeps its transaction depth at one. sea-orm 2.0.4 would then start with a
/// SAVEPOINT instead of BEGIN IMMEDIATE, and later commits would store nothing. The pragma waits
/// for a queued rollback, and SQLite refuses it inside a transaction, whatever sqlx counts.
pub(super) async fn sqlite_at_rest(connection: &mut SqliteConnection) -> bool {
    let outside = connection
        .execute("PRAGMA synchronous = FULL")
        .await
        .is_ok();
    let at_rest = outside && !connection.is_in_transaction();
    if !at_rest {
        tracing::warn!("a connection was left inside a transaction and is closed");
    }
    at_rest
}

pub(super) fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    common(&mut options, connections)
        // Poolers reject this startup parameter and `options`, so settings are sent once the
        // connection is open.
        .map_sqlx_postgres_opts(|options| {
            options
                .extra_float_digits(None)
                .application_name(&application_name())
        })
        .test_before_acquire(false)
        // On a dead network the kernel would wait for a quarter of an hour.
        .map_sqlx_postgres_pool_opts(|pool: PoolOptions<Postgres>| {
            pool.after_connect(|connection, _| Box::pin(apply_settings(connection)))
                .before_acquire(|connection, _| Box::pin(answers_ping(connection)))
                .after_release(|connection, _| {
                    Box::pin(async { Ok(postgres_at_rest(connection).await) })
                })
        });
    options
}

/// Returns the name of this process's connections in `pg_stat_activity`: `pollstr` and the last
/// migration.
#[must_use]
pub fn application_name() -> String {
    let last = Migrator::get_migration_files()
        .last()
        .map(|step| step.name().to_owned());
    format!("pollstr {}", last.unwrap_or_default())
}

/// Returns the session settings of every connection to PostgreSQL, whatever the server's defaults.
pub(super) fn session_settings() -> [(&'static str, String); 2] {
    [
        ("synchronous_commit", "on".to_owned()),
        ("statement_timeout", PATIENCE.as_millis().to_string()),
    ]
}

pub(super) async fn apply_settings(connection: &mut PgConnection) -> Result<(), SqlxError> {
    let commands = session_settings().map(|(name, value)| format!("SET {name} = {value}"));
    connection
        .execute(AssertSqlSafe(commands.join("; ")))
        .await
        .map(drop)
}

pub(super) async fn answers_ping(connection: &mut PgConnection) -> Result<bool, SqlxError> {
    Ok(timeout(PING_TIMEOUT, connection.ping())
        .await
        .is_ok_and(|answer| answer.is_ok()))
}

/// Returns whether a connection returned to the pool answers and is outside any transaction;
/// otherwise the pool closes it. Outside a transaction, a statement starts its own.
pub(super) async fn postgres_at_rest(connection: &mut PgConnection) -> bool {
    let outside = timeout(
        PING_TIMEOUT,
        connection.fetch_one("SELECT transaction_timestamp() = statement_timestamp()"),
    )
    .await;
    let outside = outside.is_ok_and(|row| {
        row.and_then(|row| row.try_get::<bool, _>(0))
            .unwrap_or(false)
    });
    outside && !connection.is_in_transaction()
}

pub(super) fn common(options: &mut ConnectOptions, connections: u32) -> &mut ConnectOptions {
    // Statements are not logged: their values include phone numbers and ballots.
    options
        .max_connections(connections)
        .acquire_timeout(CONNECTION)
        .connect_timeout(CONNECTION)
        .sqlx_logging(false)
}
