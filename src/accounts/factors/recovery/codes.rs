//! Recovery codes: ten on paper, each good once, for whoever has lost both phone and app.
//!
//! The rows hold hashes. New codes cross the redirect in a cookie that only their page sees, and which that page clears: like the
//! receipt of a vote, they are in no session, address or log.

use axum::http::HeaderMap;
use sea_orm::{ConnectionTrait, DbErr};
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::limits::LimitError;
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::sent_form::SentForm;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits, store};
use crate::platform::base32::Base32;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute, places, statement};
use crate::web::http::cookie;
use crate::web::hypermedia::outcome::Refusal;

/// How many there are.
pub const HOW_MANY: u8 = 10;
/// The page that shows them.
pub const PAGE: &str = "/account/recovery";
const COOKIE: &str = "recovery";
/// How long the cookie lives, in seconds.
const COOKIE_LIFE: i64 = 600;

/// Why a code did not open the way.
#[derive(Debug, Error)]
pub enum RecoveryError {
    /// Not sixteen letters and digits.
    #[error("A recovery code has 16 letters and digits, in groups of four.")]
    NotACode,
    /// Another one, or one that was used.
    #[error("That code is not right, or it was used before. Each is good once.")]
    Wrong,
    /// A limit.
    #[error(transparent)]
    LimitError(#[from] LimitError),
    /// The session has ended meanwhile.
    #[error("You were logged out meanwhile.")]
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
            RecoveryError::LimitError(too_often) => too_often.refusal("Too many codes were wrong."),
            RecoveryError::LoggedOut => Self::LogIn,
            RecoveryError::Database(error) => error.into(),
        }
    }
}

/// New codes; both answers to a form that is sent twice show the same.
#[must_use]
pub fn of(form: Option<&SentForm>) -> Vec<Base32> {
    let code = |number: u8| match form {
        Some(form) => Base32::from_bytes(form.derive("recovery code", &[number])),
        None => Base32::new(),
    };
    (0..HOW_MANY).map(code).collect()
}

/// Puts new codes in the place of all that there were.
pub async fn make(
    db: &Db,
    account: i64,
    codes: &[Base32],
    visit: &ClientInfo,
    now: Seconds,
) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    store::take_turn_of(&transaction, account).await?;
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
        visit,
        now,
    )
    .await?;
    transaction.commit().await
}

/// How many codes of an account are still good.
pub async fn left(db: &impl ConnectionTrait, account: i64) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) AS n FROM recovery_code WHERE account_id = $1";
    let row = db
        .query_one_raw(statement(db, sql, [account.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "n"))
}

/// Uses a code up. For ten minutes the session may then set another number or app; it is not a verified one.
///
/// # Errors
/// Why it does not.
pub async fn use_up(
    db: &Db,
    person: &Person,
    session: &CurrentSession,
    typed: &str,
    visit: &ClientInfo,
    now: Seconds,
) -> Result<(), RecoveryError> {
    let code = Base32::parse(typed).ok_or(RecoveryError::NotACode)?;
    let counted = limits::recovery_code_try(db, person.id, now).await??;
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
            visit,
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
        visit,
        now,
    )
    .await?;
    transaction.commit().await?;
    counted.give_back(db).await?;
    Ok(session.move_to(&new).await?)
}

/// The cookie that carries new codes to their page.
#[must_use]
pub fn cookie(codes: &[Base32], https: bool) -> String {
    let codes: Vec<&str> = codes.iter().map(Base32::as_str).collect();
    cookie::set(COOKIE, &codes.join("."), PAGE, Some(COOKIE_LIFE), https)
}

/// The new codes that a request carries.
#[must_use]
pub fn carried(headers: &HeaderMap) -> Vec<Base32> {
    cookie::get(headers, COOKIE)
        .into_iter()
        .flat_map(|codes| codes.split('.'))
        .filter_map(Base32::parse)
        .collect()
}

/// Of codes that a request carries, those that are this account's and still good: a cookie may come from elsewhere.
pub async fn good(
    db: &impl ConnectionTrait,
    account: i64,
    mut carried: Vec<Base32>,
) -> Result<Vec<Base32>, DbErr> {
    carried.truncate(HOW_MANY.into());
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

/// The cookie that clears them away, once they are shown.
#[must_use]
pub fn clear(https: bool) -> String {
    cookie::set(COOKIE, "", PAGE, Some(0), https)
}
