//! Why a database wasn't moved.

use sea_orm::DbErr;
use thiserror::Error;

use crate::platform::backup::replace::ReplaceError;
use crate::platform::db::location::DatabaseLocation;
use crate::platform::db::pooler::PoolerError;
use crate::server::startup::upgrade::UpgradeError;

/// Why a database wasn't moved.
#[derive(Debug, Error)]
pub enum MoveError {
    /// Both are of the same kind.
    #[error(
        "name an SQLite file and a PostgreSQL database; for two of a kind, use `pollstr backup` and `pollstr restore`, or pg_dump and pg_restore"
    )]
    SameKind,
    /// There is nothing to move.
    #[error("there is no Pollstr database at {0}")]
    NoDatabase(DatabaseLocation),
    /// A process has the SQLite file open.
    #[error(transparent)]
    InUse(#[from] ReplaceError),
    /// A process uses the PostgreSQL database.
    #[error("a Pollstr process is connected to {0}; stop all instances first")]
    Connected(DatabaseLocation),
    /// The destination has data.
    #[error("the database at {0} isn't empty; name a new one")]
    NotEmpty(DatabaseLocation),
    /// The source is of another version.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    /// Connections to PostgreSQL are shared by a pooler.
    #[error(transparent)]
    Pooler(#[from] PoolerError),
    /// A database failed.
    #[error("{0}: {1}")]
    Database(DatabaseLocation, DbErr),
    /// Not all rows arrived.
    #[error("{table}: {before} rows, but {after} in the new database; nothing was moved")]
    Rows {
        /// The table.
        table: String,
        /// Its rows in the source.
        before: i64,
        /// Its rows in the destination.
        after: i64,
    },
    /// A poll is counted differently.
    #[error("the poll {0} isn't counted as before in the new database; don't use that")]
    Recount(String),
}
