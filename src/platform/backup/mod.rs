//! Online backup of an SQLite database, and what putting one back takes.

pub mod file;
pub mod replace;

use std::fs::{File, OpenOptions, remove_file, rename};
use std::io;
use std::io::Read;
use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use sea_orm::{DbBackend, DbErr};
use thiserror::Error;

use crate::platform::db::{Db, execute, failed};

/// How every SQLite database begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The row of `setting` in a backup that says when it was made, in seconds since 1970.
const MADE_AT: &str = "backed up at";

/// Why a backup failed.
#[derive(Debug, Error)]
pub enum BackupError {
    /// PostgreSQL has its own backup tool.
    #[error("use PostgreSQL's own tool: pg_dump --format=custom --file=FILE \"$DATABASE_URL\"")]
    Postgres,
    /// The target exists.
    #[error("{0}: already exists; choose another name")]
    Exists(PathBuf),
    /// An earlier backup left its partial file behind.
    #[error("{0}: left over from an interrupted backup; delete it and try again")]
    Stopped(PathBuf),
    /// The file could not be written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}

/// Writes a consistent snapshot of the database to a new file while votes go on. The file gets its
/// name only once it is complete and synced.
pub async fn backup(db: &Db, file: &Path) -> Result<(), BackupError> {
    if db.backend() != DbBackend::Sqlite {
        return Err(BackupError::Postgres);
    }
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let part = beside(file, ".part");
    create(&part).map_err(|error| match error.kind() {
        // Another backup may still be writing it, so it is not deleted.
        io::ErrorKind::AlreadyExists => BackupError::Stopped(part.clone()),
        _ => BackupError::File(part.clone(), error),
    })?;
    let done = copy(db, &part, file).await;
    if done.is_err() {
        // The file may have been renamed already.
        let _ = remove_file(&part);
    }
    done
}

/// Returns the path of a file beside another one: its name with this ending.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Whether a file begins as every SQLite database does.
///
/// # Errors
/// When it can't be read.
pub(crate) fn is_sqlite(file: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(file)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut start)?;
    Ok(start == MAGIC)
}

/// Creates a file that its owner alone can read, although phone numbers in it are encrypted.
fn create(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

async fn copy(db: &Db, part: &Path, file: &Path) -> Result<(), BackupError> {
    let write_error = |error| BackupError::File(part.to_owned(), error);
    execute(
        db.read(),
        "VACUUM INTO $1",
        [part.to_string_lossy().into_owned().into()],
    )
    .await?;
    let date = format!(
        "INSERT INTO setting (name, value) VALUES ('{MADE_AT}', strftime('%s', 'now')) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    );
    run(part, &date).await?;
    File::open(part)
        .and_then(|copy| copy.sync_all())
        .map_err(write_error)?;
    rename(part, file).map_err(write_error)?;
    sync_folder(file).map_err(write_error)
}

/// Runs a statement on a file that is no site's database.
async fn run(file: &Path, sql: &str) -> Result<(), DbErr> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .disable_statement_logging();
    let mut connection = options.connect().await.map_err(failed)?;
    let done = connection.execute(AssertSqlSafe(sql)).await;
    connection.close().await.map_err(failed)?;
    done.map(drop).map_err(failed)
}

/// Makes a new name in the file's folder durable.
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
