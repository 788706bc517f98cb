//! Keeps sites off a PostgreSQL database while it is moved.

use sea_orm::DbErr;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{
    AssertSqlSafe, ConnectOptions, Error as SqlxError, Executor, PgConnection, Row,
};

use crate::platform::db::location::DatabaseLocation;
use crate::platform::db::{Lock, failed};
use crate::server::move_database::error::MoveError;

/// Another name than those of sites, `pollstr m…`.
const NAME: &str = "pollstr, moving";

/// Makes starting sites wait, and checks that none is connected. It lasts as long as the connection.
pub(super) async fn guard(url: &str, place: &DatabaseLocation) -> Result<PgConnection, MoveError> {
    let (connection, is_alone) = alone(url)
        .await
        .map_err(|error| MoveError::Database(place.clone(), error))?;
    if is_alone {
        Ok(connection)
    } else {
        Err(MoveError::Connected(place.clone()))
    }
}

async fn alone(url: &str) -> Result<(PgConnection, bool), DbErr> {
    let options: PgConnectOptions = url.parse().map_err(failed)?;
    let options = options.application_name(NAME).disable_statement_logging();
    let mut connection = options.connect().await.map_err(failed)?;
    let lock = format!("SELECT pg_try_advisory_lock({})", Lock::Startup.key());
    let others = "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pollstr m%')";
    let is_alone = tells(&mut connection, &lock).await.map_err(failed)?
        && tells(&mut connection, others).await.map_err(failed)?;
    Ok((connection, is_alone))
}

async fn tells(connection: &mut PgConnection, sql: &str) -> Result<bool, SqlxError> {
    connection.fetch_one(AssertSqlSafe(sql)).await?.try_get(0)
}
