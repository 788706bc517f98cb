//! Where the database is and whether it exists, so that a command run in the wrong folder doesn't
//! create a second one.

use std::path::PathBuf;
use std::{fmt, fs};

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The location of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseLocation {
    /// An absolute path.
    File(PathBuf),
    /// A server, without the password.
    Server(String),
}

impl fmt::Display for DatabaseLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Server(server) => f.write_str(server),
        }
    }
}

impl DatabaseLocation {
    /// Parses a database URL.
    #[must_use]
    pub fn of(url: &str) -> Self {
        if url.starts_with("sqlite:")
            && let Ok(options) = url.parse::<SqliteConnectOptions>()
        {
            let file = options.get_filename();
            return Self::File(std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
        }
        let server = url.parse::<PgConnectOptions>().map(|options| {
            let database = options
                .get_database()
                .unwrap_or_else(|| options.get_username());
            format!(
                "{database} on {}:{}",
                options.get_host(),
                options.get_port()
            )
        });
        Self::Server(server.unwrap_or_else(|_| "the address in DATABASE_URL".to_owned()))
    }

    /// Returns whether a non-empty file exists. For a server, only connecting can tell.
    #[must_use]
    pub fn may_have_data(&self) -> bool {
        match self {
            Self::File(file) => {
                fs::metadata(file).is_ok_and(|file| file.is_file() && file.len() > 0)
            }
            Self::Server(_) => true,
        }
    }
}

/// Returns the applied migrations in order; none for a database that isn't Pollstr's.
pub async fn migrations(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let exists = match backend {
        DbBackend::Postgres => {
            "SELECT 1 AS found WHERE to_regclass('seaql_migrations') IS NOT NULL"
        }
        _ => {
            "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'"
        }
    };
    if db
        .query_one_raw(Statement::from_string(backend, exists))
        .await?
        .is_none()
    {
        return Ok(Vec::new());
    }
    let versions = "SELECT version FROM seaql_migrations ORDER BY version";
    db.query_all_raw(Statement::from_string(backend, versions))
        .await?
        .iter()
        .map(|row| row.try_get("", "version"))
        .collect()
}

#[cfg(test)]
#[path = "location_tests.rs"]
mod tests;
