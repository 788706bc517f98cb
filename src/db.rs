//! The database: one embedded SQLite file, or a PostgreSQL server, behind the same two doors.
//!
//! Reads go through [`Db::read`], changes through [`Db::begin`] or [`Db::write`]. On SQLite there is one writer and several
//! readers, every transaction that may write takes the write lock at its start, and a commit is on the disk when it returns.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{AssertSqlSafe, Error as SqlxError, Executor, Row};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait, Value,
};

/// How long a request waits for a connection or a lock before the database counts as away; a page must come within 6 s.
const PATIENCE: Duration = Duration::from_secs(4);

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
        if let Some(path) = url.strip_prefix("sqlite://") {
            let folder = Path::new(path.split('?').next().unwrap_or(path)).parent();
            if let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|error| DbErr::Custom(format!("{}: {error}", folder.display())))?;
            }
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
        self.write.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }).await
    }

    /// Which of the two it is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// Clears away what deleted rows of these tables have left behind: on PostgreSQL in the tables, on SQLite in the log. What is
    /// deleted in the SQLite file itself is overwritten at once.
    ///
    /// # Errors
    /// When it fails, or readers are in the way.
    pub async fn sweep(&self, tables: &str) -> Result<(), DbErr> {
        let failed = |error: SqlxError| DbErr::Custom(error.to_string());
        if self.backend() == DbBackend::Sqlite {
            let mut connection = self.write.get_sqlite_connection_pool().acquire().await.map_err(failed)?;
            // Whoever reads is waited for, and whoever votes waits meanwhile: not for long.
            connection.execute("PRAGMA busy_timeout = 250").await.map_err(failed)?;
            let log = connection.fetch_one("PRAGMA wal_checkpoint(TRUNCATE)").await;
            let patience = format!("PRAGMA busy_timeout = {}", PATIENCE.as_millis());
            connection.execute(AssertSqlSafe(patience)).await.map_err(failed)?;
            let busy: i64 = log.and_then(|row| row.try_get(0)).map_err(failed)?;
            return if busy == 0 { Ok(()) } else { Err(DbErr::Custom("somebody reads from the log, so it was not cleared".to_owned())) };
        }
        let mut connection = self.write.get_postgres_connection_pool().acquire().await.map_err(failed)?;
        // This connection waits for longer than the others, and goes away with that.
        connection.close_on_drop();
        connection.execute("SET statement_timeout = 0").await.map_err(failed)?;
        connection.execute(AssertSqlSafe(format!("VACUUM {tables}"))).await.map(drop).map_err(failed)
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
    common(&mut options, POSTGRES_CONNECTIONS)
        .map_sqlx_postgres_opts(|options| options.options([("synchronous_commit", "on"), ("statement_timeout", "4s")]));
    options
}

fn common(options: &mut ConnectOptions, connections: u32) -> &mut ConnectOptions {
    // Statements are not logged: their values hold numbers and ballots.
    options.max_connections(connections).acquire_timeout(PATIENCE).connect_timeout(PATIENCE).sqlx_logging(false)
}
