//! Why a restore was refused.

use std::path::PathBuf;

use sea_orm::DbErr;
use thiserror::Error;

use crate::platform::backup::replace::ReplaceError;
use crate::platform::crypto::KeyError;

/// Why a restore was refused. Nothing has changed then.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// A file can't be used, or a site is running.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
    /// The file is another program's database.
    #[error("{0}: not a Pollstr database; name a file that `pollstr backup` wrote")]
    Foreign(PathBuf),
    /// A later version made the backup.
    #[error("{0}: from a later version of Pollstr; use that version to restore it")]
    Later(PathBuf),
    /// The secret file doesn't fit the backup.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The backup can't be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, DbErr),
}
