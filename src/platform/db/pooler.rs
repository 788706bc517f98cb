//! Detects connection poolers that Pollstr can't work with.
//!
//! Advisory locks, `LISTEN`, prepared statements and session settings need a server process per
//! connection. A pooler such as PgBouncer in transaction mode gives each transaction another one:
//! votes could then be confirmed by a session without `synchronous_commit`.

use std::collections::BTreeSet;

use sea_orm::sqlx::{AssertSqlSafe, Executor, PgConnection, Row};
use sea_orm::{DbBackend, DbErr};
use thiserror::Error;

use crate::platform::db::connect::session_settings;
use crate::platform::db::handle::Db;
use crate::platform::db::sql::failed;

/// How often two connections are asked for their server process.
const ROUNDS: usize = 4;

/// Why connections to PostgreSQL cannot be relied on.
#[derive(Debug, Error)]
pub enum PoolerError {
    /// A pooler gives each statement another connection.
    #[error(
        "DATABASE_URL: a connection pooler in front of PostgreSQL, such as PgBouncer in transaction mode, shares connections between clients; set it to session pooling (pool_mode = session), or use PostgreSQL's own address"
    )]
    SharedConnections,
    /// A connection lost a setting.
    #[error(
        "DATABASE_URL: a connection lost the setting {name} = {wanted} and has {found}; use session pooling (pool_mode = session), or PostgreSQL's own address"
    )]
    Settings {
        /// The name of the setting.
        name: &'static str,
        /// The value that was set.
        wanted: String,
        /// The value that was found.
        found: String,
    },
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}

/// Checks that each connection has its own server process and keeps its session settings.
pub async fn check(db: &Db) -> Result<(), PoolerError> {
    if db.backend() == DbBackend::Sqlite {
        return Ok(());
    }
    let pool = db.migrations().get_postgres_connection_pool();
    let (mut one, mut other) = (
        pool.acquire().await.map_err(failed)?,
        pool.acquire().await.map_err(failed)?,
    );
    let (mut ones, mut others) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..ROUNDS {
        ones.insert(process(&mut one).await?);
        others.insert(process(&mut other).await?);
    }
    if ones.len() > 1 || others.len() > 1 || ones == others {
        return Err(PoolerError::SharedConnections);
    }
    for connection in [&mut one, &mut other] {
        for (name, wanted) in session_settings() {
            let found = setting(connection, name).await?;
            if found != wanted {
                return Err(PoolerError::Settings {
                    name,
                    wanted,
                    found,
                });
            }
        }
    }
    Ok(())
}

/// Not a prepared statement: a pooler may have prepared it on another connection.
async fn process(connection: &mut PgConnection) -> Result<i32, DbErr> {
    connection
        .fetch_one("SELECT pg_backend_pid()")
        .await
        .and_then(|row| row.try_get(0))
        .map_err(failed)
}

async fn setting(connection: &mut PgConnection, name: &str) -> Result<String, DbErr> {
    let sql = format!("SELECT setting FROM pg_settings WHERE name = '{name}'");
    connection
        .fetch_one(AssertSqlSafe(sql))
        .await
        .and_then(|row| row.try_get(0))
        .map_err(failed)
}
