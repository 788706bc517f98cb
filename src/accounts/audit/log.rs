//! Writes audit events and deletes old ones.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::audit::client_info::ClientInfo;
use crate::accounts::audit::kind::AuditKind;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute};

/// How long events are kept: a year.
pub const MEMORY: Seconds = 365 * 24 * 3_600;

/// An event to record.
#[derive(Clone, Copy, Debug)]
pub struct AuditEvent<'a> {
    /// Account that it concerns; `None` if the account doesn't exist or was deleted.
    pub account: Option<i64>,
    /// Kind of event.
    pub what: AuditKind,
    /// Additional detail, such as a reason. Never a code, a full phone number or a ballot.
    pub detail: &'a str,
}

impl AuditEvent<'_> {
    /// Creates an event of this account, without detail.
    #[must_use]
    pub fn of(account: i64, what: AuditKind) -> Self {
        Self {
            account: Some(account),
            what,
            detail: "",
        }
    }
}

/// Inserts an event and writes a line to the log. Pass the transaction of the recorded action, if
/// it has one.
pub async fn record(
    db: &impl ConnectionTrait,
    event: AuditEvent<'_>,
    client_info: &ClientInfo,
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
        what.as_str().into(),
        client_info.ip_prefix.as_str().into(),
        client_info.browser.as_str().into(),
        detail.into(),
    ];
    execute(db, sql, values).await?;
    tracing::info!(
        what = what.as_str(),
        account,
        place = client_info.ip_prefix,
        browser = client_info.browser,
        detail,
        "happened"
    );
    Ok(())
}

/// Deletes events older than a year.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM audit_event WHERE at <= $1",
        [(now - MEMORY).into()],
    )
    .await
    .map(drop)
}
