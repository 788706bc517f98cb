//! Temporary higher limits for one address, for example when a club votes in a hall behind one IP.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute, statement};

/// An address with a temporary higher limit.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct LimitOverride {
    /// The address.
    pub address: String,
    /// Sign-ups and messages allowed per hour.
    #[sea_orm(from_alias = "per_hour")]
    pub most: i64,
    /// When it expires.
    #[sea_orm(from_alias = "expires_at")]
    pub until: Seconds,
}

/// Allows this many sign-ups and messages an hour from an address until `until`. Replaces any
/// earlier override.
pub async fn allow(db: &Db, address: &str, most: i64, until: Seconds) -> Result<(), DbErr> {
    let sql = "INSERT INTO limit_override (address, per_hour, expires_at) VALUES ($1, $2, $3)
        ON CONFLICT (address) DO UPDATE SET per_hour = excluded.per_hour, expires_at = excluded.expires_at";
    execute(db.write(), sql, [address.into(), most.into(), until.into()])
        .await
        .map(drop)
}

/// Returns the current overrides, the first to expire first.
pub async fn list(db: &impl ConnectionTrait, now: Seconds) -> Result<Vec<LimitOverride>, DbErr> {
    let sql = "SELECT address, per_hour, expires_at FROM limit_override WHERE expires_at > $1 ORDER BY expires_at, address";
    LimitOverride::find_by_statement(statement(db, sql, [now.into()]))
        .all(db)
        .await
}

/// Removes the override for an address. False if there is none now.
pub async fn remove(db: &Db, address: &str, now: Seconds) -> Result<bool, DbErr> {
    let sql = "DELETE FROM limit_override WHERE address = $1 AND expires_at > $2";
    Ok(execute(db.write(), sql, [address.into(), now.into()]).await? == 1)
}

/// Returns the limit for an address: the rule's, or the current override if higher.
pub(super) async fn at_least(
    db: &impl ConnectionTrait,
    address: &str,
    rule: i64,
    now: Seconds,
) -> Result<i64, DbErr> {
    Ok(of(db, address, now).await?.unwrap_or(rule).max(rule))
}

/// Returns the current override for an address.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    address: &str,
    now: Seconds,
) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT per_hour FROM limit_override WHERE address = $1 AND expires_at > $2";
    let row = db
        .query_one_raw(statement(db, sql, [address.into(), now.into()]))
        .await?;
    row.map(|row| row.try_get("", "per_hour")).transpose()
}
