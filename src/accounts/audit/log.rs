//! Writes audit events, and deletes old ones.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::audit::client_info::ClientInfo;
use crate::accounts::audit::kind::AuditKind;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute};

/// How long it is remembered: a year.
pub const MEMORY: Seconds = 365 * 24 * 3_600;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub struct AuditEvent<'a> {
    /// Whose account it concerns; none where there is no such account, or no more.
    pub account: Option<i64>,
    /// What it was.
    pub what: AuditKind,
    /// A few words more, such as a reason. Never a code, a whole number or a ballot.
    pub detail: &'a str,
}

impl AuditEvent<'_> {
    /// Something that happened in this account.
    #[must_use]
    pub fn of(account: i64, what: AuditKind) -> Self {
        Self {
            account: Some(account),
            what,
            detail: "",
        }
    }
}

/// Remembers it, in the transaction in which it is done where there is one, and writes a line to the log.
pub async fn record(
    db: &impl ConnectionTrait,
    event: AuditEvent<'_>,
    visit: &ClientInfo,
    now: Seconds,
) -> Result<(), DbErr> {
    let AuditEvent {
        account,
        what,
        detail,
    } = event;
    let sql = "INSERT INTO audit_event (at, account_id, kind, ip_prefix, browser, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        now.into(),
        account.into(),
        what.word().into(),
        visit.place.as_str().into(),
        visit.browser.as_str().into(),
        detail.into(),
    ];
    execute(db, sql, values).await?;
    tracing::info!(
        what = what.word(),
        account,
        place = visit.place,
        browser = visit.browser,
        detail,
        "happened"
    );
    Ok(())
}

/// Forgets what is older than a year.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM audit_event WHERE at <= $1",
        [(now - MEMORY).into()],
    )
    .await
    .map(drop)
}
