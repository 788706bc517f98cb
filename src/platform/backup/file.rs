//! A backup file, read without changing it or anything beside it.

use std::fs::metadata;
use std::path::Path;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};

use crate::platform::backup::replace::ReplaceError;
use crate::platform::backup::{MADE_AT, beside, is_sqlite};
use crate::platform::clock::Seconds;
use crate::platform::db::statement;

/// Times in a database that are about now when they are written, in all versions.
const TIMES: &str = "SELECT MAX(at) AS at FROM (
    SELECT MAX(created_at) AS at FROM poll UNION ALL SELECT MAX(created_at) FROM account
    UNION ALL SELECT MAX(seen_at) FROM session UNION ALL SELECT MAX(at) FROM send)";

/// When a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MadeAt {
    /// The time.
    pub at: Seconds,
    /// Whether the backup itself says so. Those of earlier versions don't: then it is the time of
    /// the newest row, and the backup is at least as new.
    pub exact: bool,
}

/// An open backup file.
#[derive(Debug)]
pub struct BackupFile(DatabaseConnection);

impl BackupFile {
    /// Opens a file and checks that it is a whole SQLite database.
    ///
    /// # Errors
    /// When it can't be read, isn't an SQLite database, is in use, or is damaged.
    pub async fn open(file: &Path) -> Result<Self, ReplaceError> {
        let unreadable = |error| ReplaceError::File(file.to_owned(), error);
        if !is_sqlite(file).map_err(unreadable)? {
            return Err(ReplaceError::NotSqlite(file.to_owned()));
        }
        // What is in a log isn't in the file.
        let in_use = |ending| metadata(beside(file, ending)).is_ok_and(|log| log.len() > 0);
        if in_use("-wal") || in_use("-journal") {
            return Err(ReplaceError::Unfinished(file.to_owned()));
        }
        let damaged = |why: String| ReplaceError::Damaged(file.to_owned(), why);
        let opened = Self::connect(file)
            .await
            .map_err(|error| damaged(error.to_string()))?;
        match opened.fault().await {
            Ok(None) => Ok(opened),
            Ok(Some(fault)) => Err(damaged(fault)),
            Err(error) => Err(damaged(error.to_string())),
        }
    }

    async fn connect(file: &Path) -> Result<Self, DbErr> {
        let file = file.to_owned();
        // The address is replaced, so that any path can be opened.
        let mut options = ConnectOptions::new("sqlite::memory:");
        options
            .max_connections(1)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |_| {
                SqliteConnectOptions::new()
                    .filename(&file)
                    .read_only(true)
                    .immutable(true)
            });
        Database::connect(options).await.map(Self)
    }

    /// Returns the connection, which can't write.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        &self.0
    }

    /// Returns the first fault of the file, if it has one.
    async fn fault(&self) -> Result<Option<String>, DbErr> {
        let check = "PRAGMA integrity_check(1)";
        let check = Statement::from_string(self.0.get_database_backend(), check);
        let row = self.0.query_one_raw(check).await?;
        let found: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(found.filter(|found| found != "ok"))
    }

    /// Returns when the backup was made; `None` if nothing in it tells.
    pub async fn made_at(&self) -> Result<Option<MadeAt>, DbErr> {
        let sql = "SELECT CAST(value AS BIGINT) AS at FROM setting WHERE name = $1";
        let row = self
            .0
            .query_one_raw(statement(&self.0, sql, [MADE_AT.into()]))
            .await?;
        if let Some(row) = row {
            let at = row.try_get("", "at")?;
            return Ok(Some(MadeAt { at, exact: true }));
        }
        let row = self.0.query_one_raw(statement(&self.0, TIMES, [])).await?;
        let at: Option<Seconds> = row.map(|row| row.try_get("", "at")).transpose()?.flatten();
        Ok(at.map(|at| MadeAt { at, exact: false }))
    }

    /// Closes the file.
    pub async fn close(self) -> Result<(), DbErr> {
        self.0.close().await
    }
}
