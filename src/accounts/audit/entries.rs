//! Reads audit events and notices.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Value};

use crate::accounts::audit::kind::AuditKind;
use crate::platform::clock::Seconds;
use crate::platform::db::{execute, statement};

/// Number of recent events shown on the account page.
pub(crate) const RECENT_COUNT: i64 = 20;

/// A recorded audit event.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AuditEntry {
    /// Row id.
    pub id: i64,
    /// When it happened.
    pub at: Seconds,
    kind: String,
    /// Truncated client IP.
    pub ip_prefix: String,
    /// Short name of the browser.
    pub browser: String,
    /// Additional detail, such as a reason.
    pub detail: String,
}

impl AuditEntry {
    /// Returns the kind of event; `None` if this version doesn't know it.
    #[must_use]
    pub fn what(&self) -> Option<AuditKind> {
        AuditKind::parse(&self.kind)
    }

    /// Returns the name of the kind of event, as the database and the log have it.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns what happened, for the account's owner.
    #[must_use]
    pub fn title(&self) -> &str {
        self.what().map_or(&*self.kind, |what| what.words())
    }

    /// Returns whom or what it happened to, if the detail begins with that, and the rest of the
    /// detail. Usernames and paths of polls have no space.
    #[must_use]
    pub fn about(&self) -> (&str, &str) {
        let whole = ("", self.detail.as_str());
        match self.what() {
            Some(AuditKind::SuspendedAccount | AuditKind::TookPollDown) => {
                self.detail.split_once(": ").unwrap_or(whole)
            }
            _ => whole,
        }
    }

    /// Returns what happened and its detail as one line.
    #[must_use]
    pub fn words(&self) -> String {
        if self.detail.is_empty() {
            self.title().to_owned()
        } else {
            format!("{}: {}", self.title(), self.detail)
        }
    }
}

/// Returns the last twenty events of an account, newest first.
pub async fn recent(db: &impl ConnectionTrait, account: i64) -> Result<Vec<AuditEntry>, DbErr> {
    query(db, "account_id = $1", account, RECENT_COUNT).await
}

/// Returns all recorded events of an account, newest first.
pub async fn all(db: &impl ConnectionTrait, account: i64) -> Result<Vec<AuditEntry>, DbErr> {
    query(db, "account_id = $1", account, i64::from(i32::MAX)).await
}

/// An event with the account that it concerns.
#[derive(Clone, Debug)]
pub struct SiteEvent {
    /// Name of the account; `None` if it was deleted or never existed.
    pub account: Option<String>,
    /// The event.
    pub entry: AuditEntry,
}

/// Returns the last events of an account, or of all, newest first.
pub async fn latest(
    db: &impl ConnectionTrait,
    account: Option<i64>,
    most: u32,
) -> Result<Vec<SiteEvent>, DbErr> {
    let which = account.map_or("", |_| "WHERE audit_event.account_id = $2");
    let sql = format!(
        "SELECT audit_event.id, at, kind, ip_prefix, browser, detail, account.username
         FROM audit_event LEFT JOIN account ON account.id = audit_event.account_id {which} ORDER BY audit_event.id DESC LIMIT $1"
    );
    let values = [i64::from(most)]
        .into_iter()
        .chain(account)
        .map(Value::from);
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    let event = |row: &QueryResult| {
        Ok(SiteEvent {
            account: row.try_get("", "username")?,
            entry: AuditEntry::from_query_result(row, "")?,
        })
    };
    rows.iter().map(event).collect()
}

/// Returns the unread notices of an account, newest first and one of each kind.
pub async fn unread_notices(
    db: &impl ConnectionTrait,
    account: i64,
) -> Result<Vec<AuditEntry>, DbErr> {
    let words: Vec<_> = AuditKind::ALL
        .iter()
        .filter(|what| what.notice().is_some())
        .map(|what| format!("'{}'", what.as_str()))
        .collect();
    let newest = format!(
        "id IN (SELECT MAX(audit_event.id) FROM audit_event JOIN account ON account.id = audit_event.account_id
                WHERE audit_event.account_id = $1 AND audit_event.id > account.notices_read AND audit_event.kind IN ({}) GROUP BY audit_event.kind)",
        words.join(", ")
    );
    query(db, &newest, account, RECENT_COUNT).await
}

/// Marks the notices up to this event as read.
pub async fn mark_notices_read(
    db: &impl ConnectionTrait,
    account: i64,
    event: i64,
) -> Result<(), DbErr> {
    let sql = "UPDATE account SET notices_read = $1 WHERE id = $2 AND notices_read < $1";
    execute(db, sql, [event.into(), account.into()])
        .await
        .map(drop)
}

pub(crate) async fn query(
    db: &impl ConnectionTrait,
    which: &str,
    account: i64,
    most: i64,
) -> Result<Vec<AuditEntry>, DbErr> {
    let sql = format!(
        "SELECT id, at, kind, ip_prefix, browser, detail FROM audit_event WHERE {which} ORDER BY id DESC LIMIT $2"
    );
    AuditEntry::find_by_statement(statement(db, &sql, [account.into(), most.into()]))
        .all(db)
        .await
}
