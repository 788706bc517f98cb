//! A copy of the database while it is in use.

use std::fs::{File, OpenOptions, remove_file, rename};
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::{DbBackend, DbErr};
use thiserror::Error;

use crate::platform::db::Db;
use crate::platform::db::execute;

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum BackupError {
    /// PostgreSQL brings its own.
    #[error("PostgreSQL has its own way: pg_dump --format=custom --file=FILE \"$DATABASE_URL\"")]
    Postgres,
    /// There is something at that place.
    #[error("{0}: there is something already; choose another name")]
    Exists(PathBuf),
    /// The part of a backup that did not come to its end.
    #[error("{0}: a backup was stopped, and this is left of it; delete it, and try again")]
    Stopped(PathBuf),
    /// The file could not be written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}

/// Writes a copy of the database into a new file, as it is at one moment; votes go on meanwhile. It is there under its name only when
/// it is whole and on the disk.
///
/// # Errors
/// When it cannot be made.
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
    // Numbers in it are encrypted, but it is nobody else's business all the same.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&part).map_err(|error| match error.kind() {
        // It may be another one's that is still at it, so it is not for us to delete.
        io::ErrorKind::AlreadyExists => BackupError::Stopped(part.clone()),
        _ => BackupError::File(part.clone(), error),
    })?;
    let done = copy(db, &part, file).await;
    if done.is_err() {
        // It may have its name already, or be gone.
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
