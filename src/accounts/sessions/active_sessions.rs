//! Queries across sessions: which are open, whose they are, which are verified; and ending them.

use std::collections::{BTreeSet, HashMap};

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::sessions::store::{IDLE, LIFE};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute, places, statement};

/// Ends every session of an account except the one with this key, and returns how many ended.
pub async fn end_all_except(
    db: &impl ConnectionTrait,
    account: i64,
    key: Option<Vec<u8>>,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
    execute(db, sql, [account.into(), key.unwrap_or_default().into()]).await
}

/// Ends one session of an account, including the one that a concurrent step-up has turned it into.
pub async fn end(db: &impl ConnectionTrait, account: i64, key: Vec<u8>) -> Result<u64, DbErr> {
    let sql = "DELETE FROM session WHERE account_id = $1 AND (id = $2 OR previous_id = $2)";
    execute(db, sql, [account.into(), key.into()]).await
}

/// An open session, as shown to the account's owner.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Open {
    /// The session's key.
    pub id: Vec<u8>,
    /// The browser's name.
    pub browser: String,
    /// Where it was last seen.
    #[sea_orm(from_alias = "ip_prefix")]
    pub place: String,
    /// When it began, rounded to five minutes.
    pub created_at: Seconds,
    /// When it was last seen, rounded to five minutes.
    pub seen_at: Seconds,
}

impl Open {
    /// Returns an identifier for use in pages: part of the hash of its ID, useless for logging in.
    #[must_use]
    pub fn handle(&self) -> String {
        HEXLOWER.encode(self.id.get(..8).unwrap_or_default())
    }
}

/// Returns the open sessions of an account.
pub async fn open(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<Vec<Open>, DbErr> {
    let sql = "SELECT id, browser, ip_prefix, created_at, seen_at FROM session WHERE account_id = $1 AND seen_at > $2 AND created_at > $3";
    Open::find_by_statement(statement(
        db,
        sql,
        [account.into(), (now - IDLE).into(), (now - LIFE).into()],
    ))
    .all(db)
    .await
}

/// The account behind a verified session.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The account's ID.
    pub account: i64,
    /// The account's sealed number.
    pub number: Vec<u8>,
    /// The session's key before its last step-up.
    pub former: Option<Vec<u8>>,
}

/// Returns the verified accounts behind these sessions, by session key. Runs within a transaction.
pub async fn find_verified(
    transaction: &Transaction,
    sessions: &BTreeSet<&[u8]>,
    now: Seconds,
) -> Result<HashMap<Vec<u8>, Verified>, DbErr> {
    let sql = format!(
        "SELECT session.id AS session, session.previous_id AS former, account.id AS account, account.number FROM session JOIN account ON account.id = session.account_id
         WHERE session.seen_at > $1 AND session.created_at > $2 AND session.number_mac = account.number_mac
         AND account.suspended_reason IS NULL AND session.id IN ({})",
        places(3, sessions.len())
    );
    let times = [(now - IDLE).into(), (now - LIFE).into()];
    let values = times
        .into_iter()
        .chain(sessions.iter().map(|session| session.to_vec().into()));
    let rows = transaction
        .query_all_raw(statement(transaction, &sql, values))
        .await?;
    let verified = rows.iter().map(|row| {
        let (account, number, former) = (
            row.try_get("", "account")?,
            row.try_get("", "number")?,
            row.try_get("", "former")?,
        );
        Ok((
            row.try_get("", "session")?,
            Verified {
                account,
                number,
                former,
            },
        ))
    });
    verified.collect()
}

/// Returns which of these sessions are verified now, each with its number's HMAC. A session that
/// has stepped up is also found by its former key.
pub async fn verified_number_macs(
    db: &impl ConnectionTrait,
    sessions: &[&[u8]],
    now: Seconds,
) -> Result<HashMap<Vec<u8>, Vec<u8>>, DbErr> {
    if sessions.is_empty() {
        return Ok(HashMap::new());
    }
    let keys = places(3, sessions.len());
    let sql = format!(
        "SELECT session.id, session.previous_id, account.number_mac FROM session JOIN account ON account.id = session.account_id
         WHERE session.seen_at > $1 AND session.created_at > $2 AND session.number_mac = account.number_mac
         AND account.suspended_reason IS NULL AND (session.id IN ({keys}) OR session.previous_id IN ({keys}))"
    );
    let times = [(now - IDLE).into(), (now - LIFE).into()];
    let values = times
        .into_iter()
        .chain(sessions.iter().map(|session| session.to_vec().into()));
    let mut numbers = HashMap::new();
    for row in db.query_all_raw(statement(db, &sql, values)).await? {
        let number: Vec<u8> = row.try_get("", "number_mac")?;
        numbers.extend(
            row.try_get::<Option<Vec<u8>>>("", "previous_id")?
                .map(|former| (former, number.clone())),
        );
        numbers.insert(row.try_get("", "id")?, number);
    }
    Ok(numbers)
}

/// Deletes expired sessions.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    let sql = "DELETE FROM session WHERE seen_at <= $1 OR created_at <= $2";
    execute(db.write(), sql, [(now - IDLE).into(), (now - LIFE).into()])
        .await
        .map(drop)
}
