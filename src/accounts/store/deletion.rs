//! Deletes an account, for its owner and for the operator.

use sea_orm::DbErr;

use crate::accounts::audit;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::platform::clock::Seconds;
use crate::platform::db::{Lock, Transaction, execute};

/// Deletes an account with its name, number, sessions and codes, and records that. Its votes and the
/// marks of its number stay, and so do its published polls. False if it no longer exists, or its
/// password was changed since the hash was read.
pub async fn delete(
    transaction: &Transaction,
    id: i64,
    hash: &str,
    client_info: &ClientInfo,
    now: Seconds,
) -> Result<bool, DbErr> {
    Lock::Numbers.wait(transaction).await?;
    Lock::Account(id).wait(transaction).await?;
    let sql = "DELETE FROM account WHERE id = $1 AND password_hash = $2";
    if execute(transaction, sql, [id.into(), hash.into()]).await? == 0 {
        return Ok(false);
    }
    // The deletion is recorded, but not whose account it was.
    let event = AuditEvent {
        account: None,
        what: AuditKind::AccountDeleted,
        detail: "",
    };
    audit::record(transaction, event, client_info, now).await?;
    Ok(true)
}
