//! The open database: a reader, a writer, transactions and snapshots.

use std::sync::Arc;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{Error as SqlxError, Executor, Postgres, Row};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, IsolationLevel, Statement,
    TransactionOptions,
};

use crate::platform::db::changes::IdentityChanges;
use crate::platform::db::connect::{
    POSTGRES_CONNECTIONS, READ_STATEMENTS, SQLITE_READERS, WRITE_STATEMENTS, postgres, sqlite,
};
use crate::platform::db::locks::take_time;
use crate::platform::db::open_file::{NotWritable, OpenFile, ready};
use crate::platform::db::reader::Reader;
use crate::platform::db::sql::failed;
use crate::platform::db::transaction::Transaction;
use crate::platform::db::writer::Writer;

/// The open database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Db(Arc<Connections>);

#[derive(Debug)]
struct Connections {
    read: Reader,
    write: Writer,
    /// The SQLite file, to notice when it is moved.
    file: Option<OpenFile>,
}

impl Db {
    /// Opens the database without migrating it. Creates an SQLite file and its folder if missing.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        Self::connect_with(url, None).await
    }

    /// Opens the database with this many connections: SQLite's readers, or all of PostgreSQL's.
    pub async fn connect_with(url: &str, connections: Option<u32>) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse().map_err(failed)?;
            let file = options.get_filename();
            let unusable = |error| DbErr::Custom(format!("{}: {error}", file.display()));
            ready(file).map_err(unusable)?;
            let write = Database::connect(sqlite(url, 1, WRITE_STATEMENTS)).await?;
            let read = Database::connect(sqlite(
                url,
                connections.unwrap_or(SQLITE_READERS),
                READ_STATEMENTS,
            ))
            .await?;
            let file = OpenFile::at(file).map_err(unusable)?;
            return Ok(Self(Arc::new(Connections {
                read: Reader(read),
                write: Writer::new(write, IdentityChanges::default()),
                file: Some(file),
            })));
        }
        let pool =
            Database::connect(postgres(url, connections.unwrap_or(POSTGRES_CONNECTIONS))).await?;
        Ok(Self(Arc::new(Connections {
            read: Reader(pool.clone()),
            write: Writer::new(pool, IdentityChanges::default()),
            file: None,
        })))
    }

    /// Returns the connections for reads, which may lag behind by a moment.
    #[must_use]
    pub fn read(&self) -> &Reader {
        &self.0.read
    }

    /// Returns the connection for single-statement changes.
    #[must_use]
    pub fn write(&self) -> &Writer {
        &self.0.write
    }

    /// Returns the underlying connection, for migrations and startup checks.
    #[must_use]
    pub fn migrations(&self) -> &DatabaseConnection {
        &self.0.write.connection
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When the database is unreachable or busy for too long.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        self.0.write.begin().await
    }

    /// Returns the changes of sessions and accounts.
    #[must_use]
    pub fn identity_changes(&self) -> &IdentityChanges {
        &self.0.write.changes
    }

    /// Begins a read-only snapshot without a statement timeout.
    pub async fn snapshot(&self) -> Result<Transaction, DbErr> {
        let isolation_level =
            (self.backend() == DbBackend::Postgres).then_some(IsolationLevel::RepeatableRead);
        let options = TransactionOptions {
            isolation_level,
            ..TransactionOptions::default()
        };
        let transaction = Transaction::begin(&self.0.read.0, options, None, None).await?;
        take_time(&transaction).await?;
        Ok(transaction)
    }

    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.0.write.get_database_backend()
    }

    /// Returns the database's name for people.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.backend() {
            DbBackend::Postgres => "PostgreSQL",
            _ => "SQLite",
        }
    }

    /// Checks, without writing, whether a vote could be stored.
    pub async fn can_write(&self) -> Result<(), NotWritable> {
        if self.0.write.health.is_failing() {
            return Err(NotWritable::LastWriteFailed);
        }
        if let Some(file) = &self.0.file {
            file.is_in_place()?;
            // A read-only or locked file refuses the write lock.
            return Ok(self.begin().await?.rollback().await?);
        }
        let read_only = Statement::from_string(
            DbBackend::Postgres,
            "SELECT current_setting('transaction_read_only') = 'on' AS yes",
        );
        let row = self.0.write.query_one_raw(read_only).await?;
        let read_only = row.map_or(Ok(true), |row| row.try_get("", "yes"))?;
        if read_only {
            Err(NotWritable::ReadOnly)
        } else {
            Ok(())
        }
    }

    /// Checks whether reads work.
    pub async fn can_read(&self) -> Result<(), DbErr> {
        self.0
            .read
            .query_one_raw(Statement::from_string(
                self.backend(),
                "SELECT 1 FROM setting",
            ))
            .await
            .map(drop)
    }

    /// Truncates SQLite's write-ahead log, waiting briefly for readers.
    ///
    /// # Errors
    /// When the checkpoint fails or readers block it.
    pub async fn empty_log(&self) -> Result<(), DbErr> {
        let mut connection = self
            .0
            .write
            .connection
            .get_sqlite_connection_pool()
            .acquire()
            .await
            .map_err(failed)?;
        // The shorter timeout ends with the connection, even if this future is dropped.
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

    /// Returns a connection to PostgreSQL without a statement timeout. Locks and settings end with
    /// it.
    pub async fn apart(&self) -> Result<PoolConnection<Postgres>, DbErr> {
        let mut connection = self
            .0
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

    /// Returns a connection that receives PostgreSQL's notifications.
    pub async fn listener(&self) -> Result<PgListener, SqlxError> {
        PgListener::connect_with(self.0.write.connection.get_postgres_connection_pool()).await
    }

    /// Closes the connections; SQLite checkpoints its log.
    pub async fn close(&self) {
        if let Err(error) = self
            .0
            .read
            .0
            .clone()
            .close()
            .await
            .and(self.0.write.connection.clone().close().await)
        {
            tracing::warn!(%error, "the database was not closed cleanly");
        }
    }
}
