//! Puts a copy of a backup in the place of an SQLite database that no process has open.

use std::fs::{File, create_dir_all, hard_link, metadata, remove_file, rename};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;
use sea_orm::DbErr;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sea_orm::sqlx::{ConnectOptions, Connection, Error as SqlxError, Executor};
use thiserror::Error;

use crate::platform::backup::{MADE_AT, beside, create, is_sqlite, run, sync_folder};

/// Endings of the files that SQLite keeps beside a database.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why a database can't be replaced by a backup.
#[derive(Debug, Error)]
pub enum ReplaceError {
    /// PostgreSQL has its own tool.
    #[error(
        "use PostgreSQL's own tool: pg_restore --clean --if-exists --single-transaction --dbname=\"$DATABASE_URL\" FILE"
    )]
    Postgres,
    /// A file can't be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The backup isn't an SQLite file.
    #[error("{0}: not an SQLite database; name a file that `pollstr backup` wrote")]
    NotSqlite(PathBuf),
    /// The backup is the copy of a database in use.
    #[error(
        "{0}: has a log beside it, so it isn't a finished backup; make one with `pollstr backup`"
    )]
    Unfinished(PathBuf),
    /// The backup is damaged.
    #[error("{0}: damaged ({1}); use another backup")]
    Damaged(PathBuf, String),
    /// The backup is the database itself.
    #[error("{0}: this is the database itself, not a backup of it")]
    Itself(PathBuf),
    /// A process has the database open.
    #[error("another process has {0} open; stop the site first")]
    InUse(PathBuf),
    /// The log of a database that is gone would be applied to the backup.
    #[error("{0}: left over from a database that is gone; move it away and try again")]
    LeftBehind(PathBuf),
    /// The copy can't be prepared.
    #[error("{0}: {1}")]
    Copy(PathBuf, DbErr),
}

/// Checks that a backup isn't the database itself.
///
/// # Errors
/// When it is.
pub fn require_other(backup: &Path, database: &Path) -> Result<(), ReplaceError> {
    let identity = |file: &Path| metadata(file).ok().map(|file| (file.dev(), file.ino()));
    match identity(backup) {
        Some(found) if Some(found) == identity(database) => {
            Err(ReplaceError::Itself(backup.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Checks that no other process has the database open. A missing one is not.
///
/// # Errors
/// When a process has it open, or its log is there without it.
pub fn require_unused(database: &Path) -> Result<(), ReplaceError> {
    if database.exists() {
        return lock(database).map(drop);
    }
    let left_behind = LOGS.map(|ending| beside(database, ending));
    match left_behind.into_iter().find(|log| log.exists()) {
        Some(log) => Err(ReplaceError::LeftBehind(log)),
        None => Ok(()),
    }
}

/// Locks a whole file, with the kind of lock that SQLite uses too. A process that has a database in
/// WAL mode open holds a lock on it all the time.
fn lock(database: &Path) -> Result<File, ReplaceError> {
    let failed = |error| ReplaceError::File(database.to_owned(), error);
    let file = File::options()
        .read(true)
        .write(true)
        .open(database)
        .map_err(failed)?;
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::AGAIN | Errno::ACCESS) => Err(ReplaceError::InUse(database.to_owned())),
        Err(error) => Err(failed(error.into())),
    }
}

/// Returns where the replaced database is kept: `pollstr.db.before-restore`, then
/// `pollstr.db.before-restore.2`. `None` if there is no database.
#[must_use]
pub fn kept_as(database: &Path) -> Option<PathBuf> {
    let name = |number: u32| match number {
        1 => beside(database, ".before-restore"),
        _ => beside(database, &format!(".before-restore.{number}")),
    };
    let is_free = |kept: &PathBuf| {
        let logs = LOGS.map(|ending| beside(kept, ending));
        !kept.exists() && logs.iter().all(|log| !log.exists())
    };
    (1..=u32::MAX)
        .map(name)
        .find(is_free)
        .filter(|_| database.exists())
}

/// Replaces a database by a copy of a backup. The database has either content at any moment, also
/// after a crash. Returns where the replaced one is kept.
///
/// # Errors
/// When a process has the database open, or a file can't be written; then nothing has changed.
pub async fn replace(backup: &Path, database: &Path) -> Result<Option<PathBuf>, ReplaceError> {
    require_unused(database)?;
    if let Some(folder) = database.parent() {
        create_dir_all(folder).map_err(|error| ReplaceError::File(folder.to_owned(), error))?;
    }
    let part = beside(database, ".restore-part");
    let copied = copy(backup, &part).await;
    let replaced = match copied {
        Ok(()) => put(&part, database).await,
        Err(error) => Err(error),
    };
    if replaced.is_err() {
        let _ = remove_file(&part);
    }
    replaced
}

/// Copies a backup into a new file, and forgets there that it is a backup.
async fn copy(backup: &Path, part: &Path) -> Result<(), ReplaceError> {
    let failed = |error| ReplaceError::File(part.to_owned(), error);
    // An interrupted restore may have left one behind; nothing needs it.
    if part.exists() {
        remove_file(part).map_err(failed)?;
    }
    let unreadable = |error| ReplaceError::File(backup.to_owned(), error);
    let mut from = File::open(backup).map_err(unreadable)?;
    let mut to = create(part).map_err(failed)?;
    io::copy(&mut from, &mut to).map_err(failed)?;
    let forget = format!("DELETE FROM setting WHERE name = '{MADE_AT}'");
    run(part, &forget)
        .await
        .map_err(|error| ReplaceError::Copy(part.to_owned(), error))?;
    to.sync_all().map_err(failed)
}

/// Renames the new file to the database's name, after keeping the old one.
async fn put(part: &Path, database: &Path) -> Result<Option<PathBuf>, ReplaceError> {
    let failed = |error| ReplaceError::File(database.to_owned(), error);
    let kept = kept_as(database);
    let held = match &kept {
        None => None,
        Some(kept) => {
            settle(database).await?;
            let held = lock(database)?;
            for ending in LOGS {
                // Only a damaged database still has one.
                let log = beside(database, ending);
                if log.exists() {
                    rename(&log, beside(kept, ending)).map_err(failed)?;
                }
            }
            if hard_link(database, kept).is_err() {
                // Not every file system has links.
                rename(database, kept).map_err(failed)?;
            }
            Some(held)
        }
    };
    rename(part, database).map_err(failed)?;
    drop(held);
    sync_folder(database).map_err(failed)?;
    Ok(kept)
}

/// Writes what is in a database's log into the database and ends its WAL mode, so that the file is
/// complete without others. A damaged one stays as it is.
async fn settle(database: &Path) -> Result<(), ReplaceError> {
    // SQLite would remove the log beside a file that is no database.
    if !is_sqlite(database).map_err(|error| ReplaceError::File(database.to_owned(), error))? {
        return Ok(());
    }
    let options = SqliteConnectOptions::new()
        .filename(database)
        .locking_mode(SqliteLockingMode::Exclusive)
        .disable_statement_logging();
    let settled = async {
        let mut connection = options.connect().await?;
        connection.execute("PRAGMA journal_mode = DELETE").await?;
        connection.close().await
    };
    match settled.await {
        Err(error) if is_busy(&error) => Err(ReplaceError::InUse(database.to_owned())),
        _ => Ok(()),
    }
}

fn is_busy(error: &SqlxError) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // The lowest byte is SQLITE_BUSY, the rest says more about it.
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == 5)
}
