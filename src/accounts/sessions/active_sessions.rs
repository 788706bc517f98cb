//! What is asked of many sessions: which are open, whose they are, which are verified; and ending them.

use std::collections::{BTreeSet, HashMap};

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::sessions::store::{IDLE, LIFE};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute, places, statement};

/// Ends every session of an account but the one of this key. Tells how many there were.
pub async fn end_all_but(
    db: &impl ConnectionTrait,
    account: i64,
    key: Option<Vec<u8>>,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
    execute(db, sql, [account.into(), key.unwrap_or_default().into()]).await
}

/// Ends one session of an account, and what it has just become, should a step up have been under way.
pub async fn end(db: &impl ConnectionTrait, account: i64, key: Vec<u8>) -> Result<u64, DbErr> {
    let sql = "DELETE FROM session WHERE account_id = $1 AND (id = $2 OR previous_id = $2)";
    execute(db, sql, [account.into(), key.into()]).await
}

/// A session that is open, as its account's owner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Open {
    /// Its key.
    pub id: Vec<u8>,
    /// Which browser it is.
    pub browser: String,
    /// From where it was seen last.
    #[sea_orm(from_alias = "ip_prefix")]
    pub place: String,
    /// When it began, to five minutes.
    pub created_at: Seconds,
    /// When it was seen last, to five minutes.
    pub seen_at: Seconds,
}

impl Open {
    /// A name for it in a page: a part of the hash of its id, with which nobody gets in.
    #[must_use]
    pub fn handle(&self) -> String {
        HEXLOWER.encode(self.id.get(..8).unwrap_or_default())
    }
}

/// The open sessions of an account.
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
    /// Its row number.
    pub account: i64,
    /// Its sealed number.
    pub number: Vec<u8>,
    /// The key that the session had before its last step up.
    pub former: Option<Vec<u8>>,
}

/// The verified accounts behind sessions, from their rows, inside a transaction: by the session's key.
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

/// Of these sessions, by their keys, those that are verified now, each with the mark of its number. A session that has stepped up
/// is known by its former key, too.
pub async fn numbers_of_verified(
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

/// Forgets sessions that have ended by themselves.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    let sql = "DELETE FROM session WHERE seen_at <= $1 OR created_at <= $2";
    execute(db.write(), sql, [(now - IDLE).into(), (now - LIFE).into()])
        .await
        .map(drop)
}
