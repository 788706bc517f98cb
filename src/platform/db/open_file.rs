//! SQLite's file: made for its owner alone, and watched while it is open.

use std::fs::{File, metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sea_orm::DbErr;
use thiserror::Error;

/// How much room the disk of an SQLite database must have, in bytes: a batch of 64 votes takes about half of it in the log.
pub(super) const ROOM: u64 = 512 * 1024;

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

/// Makes the folder of a file, and the file where it is not there yet: its owner's alone, as the log beside it then is.
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

/// SQLite's file, known by device and number, which a file put in its place does not share.
#[derive(Clone, Debug)]
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
        // Where the file system does not tell, the next write will.
        match rustix::fs::statvfs(&self.path) {
            Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM => {
                Err(NotWritable::DiskFull)
            }
            _ => Ok(()),
        }
    }
}
