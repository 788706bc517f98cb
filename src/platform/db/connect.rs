//! Options of connections, and what is checked when one is taken from the pool or goes back.

use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{
    AssertSqlSafe, Connection, Error as SqlxError, Executor, PgConnection, Postgres, Row, Sqlite,
    SqliteConnection,
};
use tokio::time::timeout;

/// How long a request waits for a connection before the database counts as away.
pub(super) const CONNECTION: Duration = Duration::from_secs(2);

/// How long a statement waits for a lock. With the wait for a connection before it, a page comes within 6 s.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// How long a connection may take to say that it lives.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// SQLite's readers; eight were fastest on two cores.
pub(super) const SQLITE_READERS: u32 = 8;

/// PostgreSQL's connections; a server's default limit is 100, to be shared by several instances.
pub(super) const POSTGRES_CONNECTIONS: u32 = 16;

pub(super) fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    common(&mut options, connections)
        .map_sqlx_sqlite_opts(|options: SqliteConnectOptions| {
            options
                // It was made when the database was opened. A file that is moved away later must not be replaced by an empty one.
                .create_if_missing(false)
                .journal_mode(SqliteJournalMode::Wal)
                // A vote that was acknowledged must survive a power cut.
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(PATIENCE)
                // What is deleted is overwritten: a closed poll's old rows must not be found in the file.
                .pragma("secure_delete", "ON")
        })
        .map_sqlx_sqlite_pool_opts(|pool: PoolOptions<Sqlite>| {
            pool.after_release(|connection, _| {
                Box::pin(async { Ok(sqlite_at_rest(connection).await) })
            })
        });
    options
}

/// Whether a connection that comes back is outside any transaction; if not, the pool closes it.
///
/// When SQLite has rolled back by itself (a COMMIT on a full disk, say), sqlx-sqlite 0.9.0 fails to roll back once more and keeps
/// its count of open transactions at one. sea-orm 2.0.4 would then begin with a SAVEPOINT instead of BEGIN IMMEDIATE, and every
/// later commit would store nothing. The pragma waits for a rollback that is still queued, and SQLite refuses it inside a
/// transaction, whatever sqlx counts.
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
        // Poolers know no such parameter of a start, and no `options`; so the settings are told to each connection once it is open.
        .map_sqlx_postgres_opts(|options| options.extra_float_digits(None))
        .test_before_acquire(false)
        // Where the network has fallen silent, the system would go on waiting for a quarter of an hour.
        .map_sqlx_postgres_pool_opts(|pool: PoolOptions<Postgres>| {
            pool.after_connect(|connection, _| Box::pin(tell_settings(connection)))
                .before_acquire(|connection, _| Box::pin(lives(connection)))
                .after_release(|connection, _| {
                    Box::pin(async { Ok(postgres_at_rest(connection).await) })
                })
        });
    options
}

/// What each connection to PostgreSQL is told, whatever the server's own settings are.
pub(super) fn session_settings() -> [(&'static str, String); 2] {
    [
        ("synchronous_commit", "on".to_owned()),
        ("statement_timeout", PATIENCE.as_millis().to_string()),
    ]
}

pub(super) async fn tell_settings(connection: &mut PgConnection) -> Result<(), SqlxError> {
    let told = session_settings().map(|(name, value)| format!("SET {name} = {value}"));
    connection
        .execute(AssertSqlSafe(told.join("; ")))
        .await
        .map(drop)
}

pub(super) async fn lives(connection: &mut PgConnection) -> Result<bool, SqlxError> {
    Ok(timeout(SIGN_OF_LIFE, connection.ping())
        .await
        .is_ok_and(|answer| answer.is_ok()))
}

/// Whether a connection that comes back answers, and is outside any transaction; if not, the pool closes it. Outside, a statement
/// is a transaction of its own and begins with it.
pub(super) async fn postgres_at_rest(connection: &mut PgConnection) -> bool {
    let outside = timeout(
        SIGN_OF_LIFE,
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
    // Statements are not logged: their values hold numbers and ballots.
    options
        .max_connections(connections)
        .acquire_timeout(CONNECTION)
        .connect_timeout(CONNECTION)
        .sqlx_logging(false)
}
