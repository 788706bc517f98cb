//! Outcomes of sent codes.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::circuit_breaker;
use crate::platform::clock::Seconds;
use crate::platform::db::{execute, statement};

/// Deletes a message that was not sent. If it was a probe of a paused area, another may be sent.
pub async fn delete_send(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    circuit_breaker::undo_probe(db, id).await?;
    execute(db, "DELETE FROM send WHERE id = $1", [id.into()])
        .await
        .map(drop)
}

/// Counts a message a second time: it was sent, and paid for, twice.
pub async fn count_resend(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let sql = "INSERT INTO send (at, account_id, number_mac, address, verified, country, voice, network, prefix, wide_prefix, outcome)
               SELECT at, account_id, number_mac, address, verified, country, voice, network, prefix, wide_prefix, 'replaced'
               FROM send WHERE id = $1";
    execute(db, sql, [id.into()]).await.map(drop)
}

/// Records that the code of this message was typed.
pub async fn mark_confirmed(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
) -> Result<(), DbErr> {
    set_outcome(db, "'confirmed'", "IS NULL", (account, mac, sent_at)).await
}

/// Marks a message as replaced by another if it was sent after `good_since`: its code was still
/// valid, so how it ended says nothing.
pub async fn mark_replaced(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
    good_since: Seconds,
) -> Result<(), DbErr> {
    if sent_at <= good_since {
        return Ok(());
    }
    set_outcome(db, "'replaced'", "IS NULL", (account, mac, sent_at)).await
}

/// Undoes [`mark_replaced`].
pub async fn unmark_replaced(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
) -> Result<(), DbErr> {
    set_outcome(db, "NULL", "= 'replaced'", (account, mac, sent_at)).await
}

/// Sets the outcome of one message, if it is `former` now.
async fn set_outcome(
    db: &impl ConnectionTrait,
    outcome: &str,
    former: &str,
    (account, mac, sent_at): (i64, &[u8], Seconds),
) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE send SET outcome = {outcome} WHERE account_id = $1 AND at = $2 AND number_mac = $3 AND outcome {former}"
    );
    let values = [account.into(), sent_at.into(), mac.to_vec().into()];
    execute(db, &sql, values).await.map(drop)
}

/// Whether this message was a call.
pub async fn was_call(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
) -> Result<bool, DbErr> {
    let sql = "SELECT voice FROM send WHERE account_id = $1 AND at = $2 AND number_mac = $3";
    let row = db
        .query_one_raw(statement(
            db,
            sql,
            [account.into(), sent_at.into(), mac.to_vec().into()],
        ))
        .await?;
    row.map_or(Ok(false), |row| row.try_get("", "voice"))
}
