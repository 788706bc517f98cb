//! Online backup of an SQLite database.

use std::fs::{File, OpenOptions, remove_file, rename};
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::{DbBackend, DbErr};
use thiserror::Error;

use crate::platform::db::Db;
use crate::platform::db::execute;

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
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // Phone numbers are encrypted, but the file is still readable by its owner only.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&part).map_err(|error| match error.kind() {
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

async fn copy(db: &Db, part: &Path, file: &Path) -> Result<(), BackupError> {
    let failed = |error| BackupError::File(part.to_owned(), error);
    execute(
        db.read(),
        "VACUUM INTO $1",
        [part.to_string_lossy().into_owned().into()],
    )
    .await?;
    File::open(part)
        .and_then(|copy| copy.sync_all())
        .map_err(failed)?;
    rename(part, file).map_err(failed)?;
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)
}
