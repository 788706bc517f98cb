//! Decides which account may have a code at a number that isn't verified yet. Providers keep one
//! code per number, so two accounts can't have one at the same time.
//!
//! The first account to ask holds the number until its code expires, once a day. Of the accounts
//! refused meanwhile, the last goes first: someone keeping a number from its owner will have asked
//! before the owner. All of them see the message of an ordinary limit, which doesn't reveal that a
//! number is being verified.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::limit::{BETWEEN_SENDS, DAY, TURN_GRACE};
use crate::accounts::limits::sends::request::Send;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute, statement};

/// SQL for when account `verification.account_id` had its first code of the day at number `$1`;
/// `$2` is a day ago.
const FIRST_OF_DAY: &str = "(SELECT MIN(send.at) FROM send
    WHERE send.account_id = verification.account_id AND send.number_mac = $1 AND NOT send.verified AND send.at > $2)";

/// Whose turn it is at a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// This account's: it owns the number, or hasn't had a code there today.
    First,
    /// This account's, and it has had a code there today.
    Again,
    /// This account's, but the turn ends in this many seconds, too soon to cancel a new code.
    Ending(Seconds),
    /// Another account's.
    Others,
}

/// Returns whose turn it is. An account that has to wait is added to the waitlist.
pub(super) async fn take(
    transaction: &Transaction,
    send: Send<'_>,
    now: Seconds,
) -> Result<Turn, DbErr> {
    if send.verified {
        return Ok(Turn::First);
    }
    if let Some(first) = holder_since(transaction, send, "=", now).await? {
        let left = first + send.life - now;
        return Ok(if left < BETWEEN_SENDS {
            Turn::Ending(left)
        } else {
            Turn::Again
        });
    }
    let again = had_code_today(transaction, send, now).await?;
    if holder_since(transaction, send, "<>", now).await?.is_some()
        || is_awaited(transaction, send, again, now).await?
    {
        if !again {
            wait(transaction, send.account, send.number_mac, send.life, now).await?;
        }
        return Ok(Turn::Others);
    }
    let sql = "DELETE FROM number_waitlist WHERE number_mac = $1 AND account_id = $2";
    execute(
        transaction,
        sql,
        [send.number_mac.to_vec().into(), send.account.into()],
    )
    .await?;
    Ok(if again { Turn::Again } else { Turn::First })
}

/// Returns since when this account (`=`) or another (`<>`) has held the number. That ends when its
/// first code of the day there would expire, when its code was wrong too often, or when it starts
/// on another number.
async fn holder_since(
    db: &impl ConnectionTrait,
    send: Send<'_>,
    whose: &str,
    now: Seconds,
) -> Result<Option<Seconds>, DbErr> {
    let sql = format!(
        "SELECT first FROM (SELECT {FIRST_OF_DAY} AS first FROM verification WHERE number_mac = $1 AND account_id {whose} $3 AND tries < 3)
            AS mine WHERE first > $4 LIMIT 1"
    );
    let values = [
        send.number_mac.to_vec().into(),
        (now - DAY).into(),
        send.account.into(),
        (now - send.life).into(),
    ];
    let row = db.query_one_raw(statement(db, &sql, values)).await?;
    row.map(|row| row.try_get("", "first")).transpose()
}

async fn had_code_today(
    db: &impl ConnectionTrait,
    send: Send<'_>,
    now: Seconds,
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM send WHERE number_mac = $1 AND account_id = $2 AND at > $3 LIMIT 1";
    let values = [
        send.number_mac.to_vec().into(),
        send.account.into(),
        (now - DAY).into(),
    ];
    Ok(db
        .query_one_raw(statement(db, sql, values))
        .await?
        .is_some())
}

/// Whether the next turn belongs to an account that was refused. An account that has had a code
/// today comes after all of those.
async fn is_awaited(
    db: &impl ConnectionTrait,
    send: Send<'_>,
    again: bool,
    now: Seconds,
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM number_waitlist WHERE number_mac = $1 AND account_id <> $2 AND since > $3 AND id > COALESCE(
        (SELECT own.id FROM number_waitlist AS own WHERE own.number_mac = $1 AND own.account_id = $2 AND own.since > $3), $4) LIMIT 1";
    let last = if again { 0 } else { i64::MAX };
    let values = [
        send.number_mac.to_vec().into(),
        send.account.into(),
        (now - send.life - TURN_GRACE).into(),
        last.into(),
    ];
    Ok(db
        .query_one_raw(statement(db, sql, values))
        .await?
        .is_some())
}

/// Adds an account to a number's waitlist. Asking again doesn't change its position.
pub async fn wait(
    transaction: &Transaction,
    account: i64,
    mac: &[u8],
    life: Seconds,
    now: Seconds,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM number_waitlist WHERE number_mac = $1 AND since <= $2";
    execute(
        transaction,
        sql,
        [mac.to_vec().into(), (now - life - TURN_GRACE).into()],
    )
    .await?;
    let sql = "INSERT INTO number_waitlist (number_mac, account_id, since) VALUES ($1, $2, $3) ON CONFLICT (number_mac, account_id) DO NOTHING";
    execute(
        transaction,
        sql,
        [mac.to_vec().into(), account.into(), now.into()],
    )
    .await
    .map(drop)
}

/// Returns other accounts' codes at this number that must be cancelled for the account whose turn
/// it is, with the provider's request IDs. Codes within their turn and codes of the number's owner
/// are kept.
pub async fn blocking_codes(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    life: Seconds,
    now: Seconds,
) -> Result<Vec<(i64, String)>, DbErr> {
    let sql = format!(
        "SELECT account_id, request_id FROM verification WHERE number_mac = $1 AND account_id <> $3 AND request_id IS NOT NULL
            AND tries < 3 AND sent_at > $4 AND NOT COALESCE({FIRST_OF_DAY} > $4, FALSE)
            AND NOT EXISTS (SELECT 1 FROM send WHERE send.account_id = verification.account_id AND send.number_mac = $1
                AND send.at = verification.sent_at AND send.verified)"
    );
    let values = [
        mac.to_vec().into(),
        (now - DAY).into(),
        account.into(),
        (now - life).into(),
    ];
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    rows.into_iter()
        .map(|row| {
            Ok((
                row.try_get("", "account_id")?,
                row.try_get("", "request_id")?,
            ))
        })
        .collect()
}

/// Deletes expired waitlist entries.
pub(crate) async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM number_waitlist WHERE since <= $1",
        [(now - crate::accounts::limits::limit::HOUR).into()],
    )
    .await
    .map(drop)
}
