//! Why a start failed. Each reason is one line for the operator.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::seed::SeedError;
use crate::platform::crypto::KeyError;
use crate::platform::db::location::DatabaseLocation;
use crate::platform::db::pooler::PoolerError;
use crate::server::startup::lock::StartupLockError;
use crate::server::startup::upgrade::UpgradeError;
use crate::verification::BuildError;

/// Why start-up failed. Each message is one line and names the setting.
#[derive(Debug, Error)]
pub enum StartError {
    /// The database can't be opened, reached or migrated.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
    /// A command needs an existing database.
    #[error(
        "DATABASE_URL: there is no Pollstr database at {0}; run this in the site's folder, or set DATABASE_URL"
    )]
    NoDatabase(DatabaseLocation),
    /// Another process holds the startup lock.
    #[error(transparent)]
    Locked(#[from] StartupLockError),
    /// Connections to PostgreSQL are shared by a pooler.
    #[error(transparent)]
    Pooler(#[from] PoolerError),
    /// The schema is of another version, or can't be upgraded now.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
    /// The secret file is missing or wrong.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The provider's URL is invalid.
    #[error("POLLSTR_VERIFY_URL: {0}")]
    Provider(#[from] BuildError),
    /// The simulator found no port.
    #[error("the simulator couldn't find a free port: {0}")]
    Simulator(std::io::Error),
    /// A setting names an unknown country.
    #[error("{0}: {1} is not a country; use its two-letter ISO 3166 code, such as GB")]
    Country(&'static str, String),
    /// The demo data could not be inserted.
    #[error("couldn't create the demo: {0}")]
    Seed(#[from] SeedError),
}
