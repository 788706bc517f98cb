//! The SQLite file: created for its owner only, and checked while it is open.

use std::fs::{File, metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sea_orm::DbErr;
use thiserror::Error;

/// Free disk space needed, in bytes: a batch of 64 votes takes about half of it in the write-ahead
/// log.
pub(super) const ROOM: u64 = 512 * 1024;

/// Why the database takes no writes.
#[derive(Debug, Error)]
pub enum NotWritable {
    /// The last write failed and none has succeeded since.
    #[error("the last write failed")]
    LastWriteFailed,
    /// The file was moved or replaced.
    #[error("the database file was moved or replaced")]
    FileMoved,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// PostgreSQL is a standby or read-only.
    #[error("the database is read-only")]
    ReadOnly,
    /// Another process holds the write lock, or the database does not answer.
    #[error("the database does not answer: {0}")]
    Database(#[from] DbErr),
}

/// Creates the folder and the file if missing, readable by its owner only; the write-ahead log
/// inherits that.
pub(super) fn ready(file: &Path) -> std::io::Result<()> {
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

/// The SQLite file, identified by device and inode, so that a replacement is noticed.
#[derive(Debug)]
pub(super) struct OpenFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl OpenFile {
    pub(super) fn at(path: &Path) -> std::io::Result<Self> {
        let found = metadata(path)?;
        Ok(Self {
            path: path.to_owned(),
            identity: (found.dev(), found.ino()),
        })
    }

    pub(super) fn is_in_place(&self) -> Result<(), NotWritable> {
        match Self::at(&self.path) {
            Ok(found) if found.identity == self.identity => {}
            _ => return Err(NotWritable::FileMoved),
        }
        // If the file system doesn't report it, the next write fails instead.
        match rustix::fs::statvfs(&self.path) {
            Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM => {
                Err(NotWritable::DiskFull)
            }
            _ => Ok(()),
        }
    }
}
