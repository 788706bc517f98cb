//! Recovery codes: ten single-use codes for users who have lost both phone and app.
//!
//! Only hashes are stored. New codes are carried across the redirect in a cookie that is scoped to
//! the recovery codes page and cleared by it; like the receipt of a vote, they never appear in a
//! session, a URL or the log.

use axum::http::HeaderMap;
use sea_orm::{ConnectionTrait, DbErr};
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::limits::{Limit, LimitError};
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::sent_form::FormSubmission;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits};
use crate::platform::base32::Base32;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Lock, execute, places, statement};
use crate::web::http::cookie;
use crate::web::hypermedia::outcome::Refusal;

/// Number of codes per account.
pub const CODE_COUNT: u8 = 10;
/// Path of the recovery codes page.
pub const PAGE: &str = "/account/recovery";
const COOKIE: &str = "recovery";
/// Lifetime of the cookie, in seconds.
const COOKIE_MAX_AGE: i64 = 600;

/// Reason a recovery code was refused.
#[derive(Debug, Error)]
pub enum RecoveryError {
    /// Not sixteen letters and digits.
    #[error("A recovery code has 16 letters and digits, in groups of four.")]
    NotACode,
    /// Unknown, or already used.
    #[error("That code is not right, or has already been used. Each works once.")]
    Wrong,
    /// A rate limit was reached.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The session ended in the meantime.
    #[error("You've been logged out.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<RecoveryError> for Refusal {
    fn from(error: RecoveryError) -> Self {
        let message = error.to_string();
        match error {
            RecoveryError::NotACode | RecoveryError::Wrong => Self::field("code", message),
            RecoveryError::Limit(error) => error.into(),
            RecoveryError::LoggedOut => Self::LogIn,
            RecoveryError::Database(error) => error.into(),
        }
    }
}

/// Generates new codes. If the form is submitted twice, both responses get the same codes.
#[must_use]
pub fn of(form: Option<&FormSubmission>) -> Vec<Base32> {
    let code = |number: u8| match form {
        Some(form) => Base32::from_bytes(form.derive("recovery code", &[number])),
        None => Base32::new(),
    };
    (0..CODE_COUNT).map(code).collect()
}

/// Replaces all of the account's codes.
pub async fn make(
    db: &Db,
    account: i64,
    codes: &[Base32],
    client_info: &ClientInfo,
    now: Seconds,
) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    Lock::Account(account).wait(&transaction).await?;
    execute(
        &transaction,
        "DELETE FROM recovery_code WHERE account_id = $1",
        [account.into()],
    )
    .await?;
    for code in codes {
        let sql = "INSERT INTO recovery_code (account_id, hash) VALUES ($1, $2)";
        execute(
            &transaction,
            sql,
            [account.into(), code.hash().to_vec().into()],
        )
        .await?;
    }
    audit::record(
        &transaction,
        AuditEvent::of(account, AuditKind::RecoveryCodesMade),
        client_info,
        now,
    )
    .await?;
    transaction.commit().await
}

/// Counts the account's unused codes.
pub async fn left(db: &impl ConnectionTrait, account: i64) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS n FROM recovery_code WHERE account_id = $1";
    let row = db
        .query_one_raw(statement(db, sql, [account.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "n"))
}

/// Returns whether codes are offered to an account: if it has none and hasn't put them off. The
/// demo's account, whose password is public, gets no offer.
pub async fn are_offered(db: &impl ConnectionTrait, account: i64) -> Result<bool, DbErr> {
    let sql = "SELECT COUNT(*) AS n FROM account WHERE id = $1 AND NOT demo
        AND NOT EXISTS (SELECT 1 FROM recovery_code WHERE account_id = $1)
        AND NOT EXISTS (SELECT 1 FROM audit_event WHERE account_id = $1 AND kind = $2)";
    let put_off = AuditKind::RecoveryCodesPutOff.as_str();
    let row = db
        .query_one_raw(statement(db, sql, [account.into(), put_off.into()]))
        .await?;
    let offered: i64 = row.map_or(Ok(0), |row| row.try_get("", "n"))?;
    Ok(offered > 0)
}

/// Records that an account wants no codes now, so that they aren't offered again until the event is
/// forgotten.
pub async fn put_off(
    db: &Db,
    account: i64,
    client_info: &ClientInfo,
    now: Seconds,
) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    Lock::Account(account).wait(&transaction).await?;
    if are_offered(&transaction, account).await? {
        audit::record(
            &transaction,
            AuditEvent::of(account, AuditKind::RecoveryCodesPutOff),
            client_info,
            now,
        )
        .await?;
    }
    transaction.commit().await
}

/// Redeems a code. For the next ten minutes, the session may set up another number or second
/// factor; it is not a verified session.
pub async fn redeem(
    db: &Db,
    person: &Person,
    session: &CurrentSession,
    typed: &str,
    client_info: &ClientInfo,
    now: Seconds,
) -> Result<(), RecoveryError> {
    let code = Base32::parse(typed).ok_or(RecoveryError::NotACode)?;
    let counted = limits::count_try(db, Limit::RecoveryCode, person.id, now).await?;
    let transaction = db.begin().await?;
    let sql = "DELETE FROM recovery_code WHERE account_id = $1 AND hash = $2";
    if execute(
        &transaction,
        sql,
        [person.id.into(), code.hash().to_vec().into()],
    )
    .await?
        == 0
    {
        audit::record(
            &transaction,
            AuditEvent::of(person.id, AuditKind::CodeWrong),
            client_info,
            now,
        )
        .await?;
        transaction.commit().await?;
        return Err(RecoveryError::Wrong);
    }
    let Some(new) = session.recover(&transaction, person.id, now).await? else {
        return Err(RecoveryError::LoggedOut);
    };
    audit::record(
        &transaction,
        AuditEvent::of(person.id, AuditKind::RecoveryCodeUsed),
        client_info,
        now,
    )
    .await?;
    transaction.commit().await?;
    counted.give_back(db).await?;
    Ok(session.move_to(&new).await?)
}

/// Returns the cookie that carries new codes to the recovery codes page.
#[must_use]
pub fn cookie(codes: &[Base32], https: bool) -> String {
    let codes: Vec<&str> = codes.iter().map(Base32::as_str).collect();
    cookie::set(COOKIE, &codes.join("."), PAGE, Some(COOKIE_MAX_AGE), https)
}

/// Returns the new codes in the request's cookie.
#[must_use]
pub fn carried(headers: &HeaderMap) -> Vec<Base32> {
    cookie::get(headers, COOKIE)
        .into_iter()
        .flat_map(|codes| codes.split('.'))
        .filter_map(Base32::parse)
        .collect()
}

/// Keeps only the carried codes that belong to this account and are unused: the cookie may come
/// from elsewhere.
pub async fn good(
    db: &impl ConnectionTrait,
    account: i64,
    mut carried: Vec<Base32>,
) -> Result<Vec<Base32>, DbErr> {
    carried.truncate(CODE_COUNT.into());
    if carried.is_empty() {
        return Ok(carried);
    }
    let sql = format!(
        "SELECT hash FROM recovery_code WHERE account_id = $1 AND hash IN ({})",
        places(2, carried.len())
    );
    let values = [account.into()]
        .into_iter()
        .chain(carried.iter().map(|code| code.hash().to_vec().into()));
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    let good: Vec<Vec<u8>> = rows
        .iter()
        .map(|row| row.try_get("", "hash"))
        .collect::<Result<_, _>>()?;
    carried.retain(|code| good.iter().any(|hash| hash[..] == code.hash()[..]));
    Ok(carried)
}

/// Returns the cookie that clears the codes once they have been shown.
#[must_use]
pub fn clear(https: bool) -> String {
    cookie::set(COOKIE, "", PAGE, Some(0), https)
}
