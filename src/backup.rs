//! A copy of the database while it is in use.

use std::fs::{File, OpenOptions, remove_file, rename};
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::{DbBackend, DbErr};
use thiserror::Error;

use crate::db::{Db, execute};

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum BackupError {
    /// PostgreSQL brings its own.
    #[error("PostgreSQL has its own way: pg_dump --format=custom --file=FILE \"$DATABASE_URL\"")]
    Postgres,
    /// There is something at that place.
    #[error("{0}: there is something already; choose another name")]
    Exists(PathBuf),
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
    let failed = |error| BackupError::File(part.clone(), error);
    // Numbers in it are encrypted, but it is nobody else's business all the same.
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&part).map_err(failed)?;
    let copied = execute(db.read(), "VACUUM INTO $1", [part.to_string_lossy().into_owned().into()]).await;
    if let Err(error) = copied {
        let _ = remove_file(&part);
        return Err(error.into());
    }
    File::open(&part).and_then(|copy| copy.sync_all()).map_err(failed)?;
    rename(&part, file).map_err(failed)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}
