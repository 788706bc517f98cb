//! The database: one embedded SQLite file, or a PostgreSQL server, behind the same two doors.
//!
//! Reads go through [`Db::read`], changes through [`Db::begin`] or [`Db::write`]. On SQLite there is one writer and several
//! readers, every transaction that may write takes the write lock at its start, and a commit is on the disk when it returns.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::pool::{PoolConnection, PoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{AssertSqlSafe, Connection, Error as SqlxError, Executor, PgConnection, Postgres, Row};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value,
};
use tokio::time::timeout;

/// How long a request waits for a connection before the database counts as away.
const CONNECTION: Duration = Duration::from_secs(2);

/// How long a statement waits for a lock. With the wait for a connection before it, a page comes within 6 s.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a connection may take to say that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// SQLite's readers; eight were fastest on two cores.
const SQLITE_READERS: u32 = 8;

/// PostgreSQL's connections; a server's default limit is 100, to be shared by several instances.
const POSTGRES_CONNECTIONS: u32 = 16;

/// A database that is open.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Db {
    /// Opens the database, making an SQLite file and its folder where there is none. It is not migrated by this.
    ///
    /// # Errors
    /// When it cannot be opened or reached.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse().map_err(failed)?;
            let file = options.get_filename();
            ready(file).map_err(|error| DbErr::Custom(format!("{}: {error}", file.display())))?;
            let write = Database::connect(sqlite(url, 1)).await?;
            let read = Database::connect(sqlite(url, SQLITE_READERS)).await?;
            return Ok(Self { read, write });
        }
        let pool = Database::connect(postgres(url)).await?;
        Ok(Self { read: pool.clone(), write: pool })
    }

    /// For questions. What it tells may be a moment old.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For a change that is one statement.
    #[must_use]
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// For a change that is several statements, or that looks before it writes.
    ///
    /// # Errors
    /// When the database is away or busy for too long.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        // A SQLite transaction that reads first and then writes is refused at once when another has written in between.
        let sqlite_transaction_mode = (self.backend() == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate);
        begin(&self.write, TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }).await
    }

    /// Which of the two it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// Empties SQLite's log into the file. Whoever reads is waited for, and whoever writes waits meanwhile: not for long.
    ///
    /// # Errors
    /// When it fails, or readers are in the way.
    pub async fn empty_log(&self) -> Result<(), DbErr> {
        let mut connection = self.write.get_sqlite_connection_pool().acquire().await.map_err(failed)?;
        connection.execute("PRAGMA busy_timeout = 250").await.map_err(failed)?;
        let log = connection.fetch_one("PRAGMA wal_checkpoint(TRUNCATE)").await;
        let patience = format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis());
        connection.execute(AssertSqlSafe(patience)).await.map_err(failed)?;
        let busy: i64 = log.and_then(|row| row.try_get(0)).map_err(failed)?;
        if busy == 0 { Ok(()) } else { Err(DbErr::Custom("somebody reads from the log, so it was not cleared".to_owned())) }
    }

    /// A connection to PostgreSQL for what takes its time. Whatever it holds or was told is gone with it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn apart(&self) -> Result<PoolConnection<Postgres>, DbErr> {
        let mut connection = self.write.get_postgres_connection_pool().acquire().await.map_err(failed)?;
        connection.close_on_drop();
        connection.execute("SET statement_timeout = 0").await.map_err(failed)?;
        Ok(connection)
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.write.ping().await
    }

    /// Closes the connections; SQLite tidies its log away.
    pub async fn close(&self) {
        if let Err(error) = self.read.clone().close().await.and(self.write.clone().close().await) {
            tracing::warn!(%error, "the database was not closed cleanly");
        }
    }
}

/// Begins a transaction, all or nothing: sqlx leaves one that is begun by halves, for whoever has gone away meanwhile, open in a
/// connection that then serves somebody else. So it is begun to the end, and rolled back if nobody wants it any more.
///
/// # Errors
/// When the database is away or busy for too long.
pub async fn begin(connection: &DatabaseConnection, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
    let connection = connection.clone();
    let begun = tokio::spawn(async move { connection.begin_with_options(options).await });
    begun.await.unwrap_or_else(|error| Err(DbErr::Custom(error.to_string())))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(crate) fn failed(error: SqlxError) -> DbErr {
    DbErr::Custom(error.to_string())
}

/// Makes the rest of a transaction wait for every other that named the same `key`. SQLite has one writer, so there it is so already.
///
/// # Errors
/// When the database is away or the wait is too long.
pub async fn take_turns(transaction: &DatabaseTransaction, key: i64) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock($1)", [key.into()]);
        transaction.execute_raw(lock).await?;
    }
    Ok(())
}

/// Lets the rest of a transaction take as long as it needs, where otherwise no statement may.
///
/// # Errors
/// When the database is away.
pub async fn take_time(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
    }
    Ok(())
}

/// Places for so many values, the first of them `$first`: `$3, $4, $5`.
#[must_use]
pub fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// The places for the values of so many rows: `($1, $2), ($3, $4)`.
#[must_use]
pub fn rows(count: usize, columns: usize) -> String {
    (0..count).map(|row| format!("({})", places(row * columns + 1, columns))).collect::<Vec<_>>().join(", ")
}

/// That two columns are one of so many pairs: `a = $1 AND b = $2 OR a = $3 AND b = $4`. In this form both databases use an index.
#[must_use]
pub fn either([a, b]: [&str; 2], pairs: usize) -> String {
    (1..=pairs).map(|pair| format!("{a} = ${} AND {b} = ${}", 2 * pair - 1, 2 * pair)).collect::<Vec<_>>().join(" OR ")
}

/// A statement of our own, with `$1`, `$2` and so on for its values, which both databases understand.
pub fn statement(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Carries out a statement, and tells how many rows it changed.
///
/// # Errors
/// When the database fails.
pub async fn execute(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, DbErr> {
    Ok(db.execute_raw(statement(db, sql, values)).await?.rows_affected())
}

/// Makes the folder of a file, and the file where it is not there yet: its owner's alone, as the log beside it then is.
fn ready(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    match File::options().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    common(&mut options, connections).map_sqlx_sqlite_opts(|options: SqliteConnectOptions| {
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A vote that was acknowledged must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            // What is deleted is overwritten: a closed poll's old rows must not be found in the file.
            .pragma("secure_delete", "ON")
    });
    options
}

fn postgres(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    let patience = PATIENCE.as_millis().to_string();
    common(&mut options, POSTGRES_CONNECTIONS)
        .map_sqlx_postgres_opts(move |options| options.options([("synchronous_commit", "on"), ("statement_timeout", patience.as_str())]))
        .test_before_acquire(false)
        // Where the network has fallen silent, the system would go on waiting for a quarter of an hour.
        .map_sqlx_postgres_pool_opts(|pool: PoolOptions<Postgres>| {
            pool.before_acquire(|connection, _| Box::pin(lives(connection))).after_release(|connection, _| Box::pin(lives(connection)))
        });
    options
}

async fn lives(connection: &mut PgConnection) -> Result<bool, SqlxError> {
    Ok(timeout(SIGN_OF_LIFE, connection.ping()).await.is_ok_and(|answer| answer.is_ok()))
}

fn common(options: &mut ConnectOptions, connections: u32) -> &mut ConnectOptions {
    // Statements are not logged: their values hold numbers and ballots.
    options.max_connections(connections).acquire_timeout(CONNECTION).connect_timeout(CONNECTION).sqlx_logging(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_place() {
        assert_eq!(places(3, 2), "$3, $4");
        assert_eq!(rows(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(either(["a", "b"], 2), "a = $1 AND b = $2 OR a = $3 AND b = $4");
    }
}
