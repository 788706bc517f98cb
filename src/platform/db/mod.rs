//! The database: one embedded SQLite file, or a PostgreSQL server, behind the same two doors.
//!
//! Reads go through [`Db::read`], changes through [`Db::begin`] or [`Db::write`]. On SQLite there is one writer and several
//! readers, every transaction that may write takes the write lock at its start, and a commit is on the disk when it returns.
//!
//! A connection whose BEGIN, COMMIT or ROLLBACK went wrong is closed, never used again: see `sqlite_at_rest` and
//! `postgres_at_rest`.

pub mod location;
pub mod pooler;
mod reader;
mod transaction;
mod write_health;

use std::fs::{File, metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::pool::{PoolConnection, PoolOptions};
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{
    AssertSqlSafe, Connection, Error as SqlxError, Executor, PgConnection, Postgres, Row, Sqlite,
    SqliteConnection,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr,
    IsolationLevel, Statement, TransactionOptions, Value,
};
use thiserror::Error;
use tokio::time::timeout;

pub use crate::platform::db::reader::{Reader, one_question_at_a_time};
pub use crate::platform::db::transaction::Transaction;
pub use crate::platform::db::write_health::Writer;

/// How long a request waits for a connection before the database counts as away.
const CONNECTION: Duration = Duration::from_secs(2);

/// How long a statement waits for a lock. With the wait for a connection before it, a page comes within 6 s.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a connection may take to say that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// SQLite's readers; eight were fastest on two cores.
const SQLITE_READERS: u32 = 8;

/// How much room the disk of an SQLite database must have, in bytes: a batch of 64 votes takes about half of it in the log.
const ROOM: u64 = 512 * 1024;

/// PostgreSQL's connections; a server's default limit is 100, to be shared by several instances.
const POSTGRES_CONNECTIONS: u32 = 16;

/// A database that is open.
#[derive(Clone, Debug)]
pub struct Db {
    read: Reader,
    write: Writer,
    /// SQLite's file as it was opened.
    file: Option<OpenFile>,
}

/// Why nothing can be stored at the moment.
#[derive(Debug, Error)]
pub enum NotWritable {
    /// The last write failed, and no other has succeeded since.
    #[error("the last write failed")]
    LastWriteFailed,
    /// The file is not where it was opened.
    #[error("the database file was moved or replaced")]
    FileMoved,
    /// The disk has no room for a vote.
    #[error("the disk is full")]
    DiskFull,
    /// PostgreSQL is a standby, or was told to take no writes.
    #[error("the database is read-only")]
    ReadOnly,
    /// Another process holds the write lock, or the database does not answer.
    #[error("the database does not answer: {0}")]
    Database(#[from] DbErr),
}

impl Db {
    /// Opens the database, making an SQLite file and its folder where there is none. It is not migrated by this.
    ///
    /// # Errors
    /// When it cannot be opened or reached.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        Self::connect_with(url, None).await
    }

    /// The same, with so many connections: SQLite's readers, or all of PostgreSQL's.
    ///
    /// # Errors
    /// When it cannot be opened or reached.
    pub async fn connect_with(url: &str, connections: Option<u32>) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse().map_err(failed)?;
            let file = options.get_filename();
            let unusable = |error| DbErr::Custom(format!("{}: {error}", file.display()));
            ready(file).map_err(unusable)?;
            let write = Database::connect(sqlite(url, 1)).await?;
            let read =
                Database::connect(sqlite(url, connections.unwrap_or(SQLITE_READERS))).await?;
            let file = OpenFile::at(file).map_err(unusable)?;
            return Ok(Self {
                read: Reader(read),
                write: Writer::new(write),
                file: Some(file),
            });
        }
        let pool =
            Database::connect(postgres(url, connections.unwrap_or(POSTGRES_CONNECTIONS))).await?;
        Ok(Self {
            read: Reader(pool.clone()),
            write: Writer::new(pool),
            file: None,
        })
    }

    /// For questions. What it tells may be a moment old.
    #[must_use]
    pub fn read(&self) -> &Reader {
        &self.read
    }

    /// For a change that is one statement.
    #[must_use]
    pub fn write(&self) -> &Writer {
        &self.write
    }

    /// The connections as sea-orm has them, for migrations and for what is checked at a start.
    #[must_use]
    pub fn migrations(&self) -> &DatabaseConnection {
        &self.write.connection
    }

    /// For a change that is several statements, or that looks before it writes.
    ///
    /// # Errors
    /// When the database is away or busy for too long.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let options = write_health::immediate(self.backend());
        Transaction::begin(
            &self.write.connection,
            options,
            Some(self.write.health.clone()),
        )
        .await
    }

    /// For several questions about one moment, which the database is free to take its time over.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn snapshot(&self) -> Result<Transaction, DbErr> {
        let isolation_level =
            (self.backend() == DbBackend::Postgres).then_some(IsolationLevel::RepeatableRead);
        let options = TransactionOptions {
            isolation_level,
            ..TransactionOptions::default()
        };
        let transaction = Transaction::begin(&self.read.0, options, None).await?;
        take_time(&transaction).await?;
        Ok(transaction)
    }

    /// Which of the two it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// The name of it, as people know it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.backend() {
            DbBackend::Postgres => "PostgreSQL",
            _ => "SQLite",
        }
    }

    /// Whether a vote could be stored now, found out without writing anything.
    ///
    /// # Errors
    /// Why not.
    pub async fn can_write(&self) -> Result<(), NotWritable> {
        if self.write.health.is_failing() {
            return Err(NotWritable::LastWriteFailed);
        }
        if let Some(file) = &self.file {
            file.is_in_place()?;
            // Takes the write lock, which a read-only or locked file refuses, and lets it go.
            return Ok(self.begin().await?.rollback().await?);
        }
        let read_only = Statement::from_string(
            DbBackend::Postgres,
            "SELECT current_setting('transaction_read_only') = 'on' AS yes",
        );
        let row = self.write.query_one_raw(read_only).await?;
        let read_only = row.map_or(Ok(true), |row| row.try_get("", "yes"))?;
        if read_only {
            Err(NotWritable::ReadOnly)
        } else {
            Ok(())
        }
    }

    /// Whether questions are answered.
    ///
    /// # Errors
    /// When they are not.
    pub async fn can_read(&self) -> Result<(), DbErr> {
        self.read
            .query_one_raw(Statement::from_string(
                self.backend(),
                "SELECT 1 FROM setting",
            ))
            .await
            .map(drop)
    }

    /// Empties SQLite's log into the file. Readers are waited for, and writers wait meanwhile: not for long.
    ///
    /// # Errors
    /// When it fails, or readers are in the way.
    pub async fn empty_log(&self) -> Result<(), DbErr> {
        let mut connection = self
            .write
            .connection
            .get_sqlite_connection_pool()
            .acquire()
            .await
            .map_err(failed)?;
        // The shorter patience goes with the connection, wherever this is cut short.
        connection.close_on_drop();
        connection
            .execute("PRAGMA busy_timeout = 250")
            .await
            .map_err(failed)?;
        let log = connection
            .fetch_one("PRAGMA wal_checkpoint(TRUNCATE)")
            .await;
        let busy: i64 = log.and_then(|row| row.try_get(0)).map_err(failed)?;
        if busy == 0 {
            Ok(())
        } else {
            Err(DbErr::Custom(
                "readers kept the log from being cleared".to_owned(),
            ))
        }
    }

    /// A connection to PostgreSQL for what takes its time. Whatever it holds or was told is gone with it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn apart(&self) -> Result<PoolConnection<Postgres>, DbErr> {
        let mut connection = self
            .write
            .connection
            .get_postgres_connection_pool()
            .acquire()
            .await
            .map_err(failed)?;
        connection.close_on_drop();
        connection
            .execute("SET statement_timeout = 0")
            .await
            .map_err(failed)?;
        Ok(connection)
    }

    /// A connection to PostgreSQL that hears its notifications.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn listener(&self) -> Result<PgListener, SqlxError> {
        PgListener::connect_with(self.write.connection.get_postgres_connection_pool()).await
    }

    /// Closes the connections; SQLite tidies its log away.
    pub async fn close(&self) {
        if let Err(error) = self
            .read
            .0
            .clone()
            .close()
            .await
            .and(self.write.connection.clone().close().await)
        {
            tracing::warn!(%error, "the database was not closed cleanly");
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(crate) fn failed(error: SqlxError) -> DbErr {
    DbErr::Custom(error.to_string())
}

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
///
/// # Errors
/// When the database is away.
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

/// Places for so many values, the first of them `$first`: `$3, $4, $5`.
#[must_use]
pub fn places(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|number| format!("${number}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The places for the values of so many rows: `($1, $2), ($3, $4)`.
#[must_use]
pub fn rows(count: usize, columns: usize) -> String {
    (0..count)
        .map(|row| format!("({})", places(row * columns + 1, columns)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// That two columns are one of so many pairs: `a = $1 AND b = $2 OR a = $3 AND b = $4`. In this form both databases use an index.
#[must_use]
pub fn either([a, b]: [&str; 2], pairs: usize) -> String {
    (1..=pairs)
        .map(|pair| format!("{a} = ${} AND {b} = ${}", 2 * pair - 1, 2 * pair))
        .collect::<Vec<_>>()
        .join(" OR ")
}

/// A statement of our own, with `$1`, `$2` and so on for its values, which both databases understand.
pub fn statement(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Carries out a statement, and tells how many rows it changed.
///
/// # Errors
/// When the database fails.
pub async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    Ok(db
        .execute_raw(statement(db, sql, values))
        .await?
        .rows_affected())
}

/// Makes the folder of a file, and the file where it is not there yet: its owner's alone, as the log beside it then is.
fn ready(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)?;
    }
    match File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
    {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// SQLite's file, known by device and number, which a file put in its place does not share.
#[derive(Clone, Debug)]
struct OpenFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl OpenFile {
    fn at(path: &Path) -> std::io::Result<Self> {
        let found = metadata(path)?;
        Ok(Self {
            path: path.to_owned(),
            identity: (found.dev(), found.ino()),
        })
    }

    fn is_in_place(&self) -> Result<(), NotWritable> {
        match Self::at(&self.path) {
            Ok(found) if found.identity == self.identity => {}
            _ => return Err(NotWritable::FileMoved),
        }
        // Where the file system does not tell, the next write will.
        match rustix::fs::statvfs(&self.path) {
            Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM => {
                Err(NotWritable::DiskFull)
            }
            _ => Ok(()),
        }
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
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
async fn sqlite_at_rest(connection: &mut SqliteConnection) -> bool {
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

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    common(&mut options, connections)
        // Poolers know no such parameter of a start, and no `options`; so the settings are told to each connection once it is open.
        .map_sqlx_postgres_opts(|options| {
            options
                .extra_float_digits(None)
                .application_name(&application_name())
        })
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

/// Returns the name under which `pg_stat_activity` lists this process's connections: `pollstr` and the last migration.
#[must_use]
pub fn application_name() -> String {
    let last = Migrator::get_migration_files()
        .last()
        .map(|step| step.name().to_owned());
    format!("pollstr {}", last.unwrap_or_default())
}

/// What each connection to PostgreSQL is told, whatever the server's own settings are.
pub(crate) fn session_settings() -> [(&'static str, String); 2] {
    [
        ("synchronous_commit", "on".to_owned()),
        ("statement_timeout", PATIENCE.as_millis().to_string()),
    ]
}

async fn tell_settings(connection: &mut PgConnection) -> Result<(), SqlxError> {
    let told = session_settings().map(|(name, value)| format!("SET {name} = {value}"));
    connection
        .execute(AssertSqlSafe(told.join("; ")))
        .await
        .map(drop)
}

async fn lives(connection: &mut PgConnection) -> Result<bool, SqlxError> {
    Ok(timeout(SIGN_OF_LIFE, connection.ping())
        .await
        .is_ok_and(|answer| answer.is_ok()))
}

/// Whether a connection that comes back answers, and is outside any transaction; if not, the pool closes it. Outside, a statement
/// is a transaction of its own and begins with it.
async fn postgres_at_rest(connection: &mut PgConnection) -> bool {
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

fn common(options: &mut ConnectOptions, connections: u32) -> &mut ConnectOptions {
    // Statements are not logged: their values hold numbers and ballots.
    options
        .max_connections(connections)
        .acquire_timeout(CONNECTION)
        .connect_timeout(CONNECTION)
        .sqlx_logging(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_place() {
        assert_eq!(places(3, 2), "$3, $4");
        assert_eq!(rows(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(
            either(["a", "b"], 2),
            "a = $1 AND b = $2 OR a = $3 AND b = $4"
        );
    }
}
