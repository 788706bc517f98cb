//! Database operations of admins and of the operator on polls. Each is recorded in the audit logs of
//! the admin and of the poll's owner.

use leptos::prelude::expect_context;
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::accounts::admin::suspend_commands::readable;
use crate::accounts::audit;
use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::viewer::Person;
use crate::platform::clock::{Clock, Seconds};
use crate::platform::db::{Db, Transaction, statement};
use crate::polls::admin::error::ModerationError;
use crate::polls::model::poll::path;
use crate::polls::model::poll_id::is_id;
use crate::polls::store::cache::{LIFETIME, PollCache};
use crate::web::context::Ctx;

/// The admin who sent this request, or the operator, and what their commands need.
#[derive(Clone, Debug)]
pub struct PollModerator {
    /// The admin's account; `None` for the operator.
    admin: Option<i64>,
    pub(super) db: Db,
    pub(super) now: Seconds,
    pub(super) cache: PollCache,
    client_info: ClientInfo,
}

impl PollModerator {
    /// Creates the moderator from the current request.
    #[must_use]
    pub fn of(person: Person) -> Self {
        let ctx = Ctx::from_context();
        let now = ctx.now();
        Self {
            admin: Some(person.id),
            db: ctx.db,
            now,
            cache: expect_context(),
            client_info: ClientInfo::from_context(),
        }
    }

    /// Creates the moderator of the command line. Only the poll's owner has the events in an audit log.
    #[must_use]
    pub fn operator(db: Db, clock: &Clock) -> Self {
        Self {
            admin: None,
            now: clock.now(),
            cache: PollCache::new(db.clone(), clock.clone(), LIFETIME),
            db,
            client_info: ClientInfo::operator(),
        }
    }

    /// Takes a poll down. Concurrent votes are either counted before it or refused.
    ///
    /// # Errors
    /// When the reason is empty, or there is no such poll.
    pub async fn take_down(&self, id: &str, typed: &str) -> Result<(), ModerationError> {
        let reason = readable(typed).ok_or(ModerationError::Reason)?;
        let sql = "UPDATE poll SET hidden_reason = $2 WHERE public_id = $1 AND NOT draft RETURNING owner_id";
        let detail = format!("{}: {reason}", path(id));
        self.change(
            id,
            sql,
            vec![reason.as_str().into()],
            [AuditKind::PollTakenDown, AuditKind::TookPollDown],
            &detail,
        )
        .await
    }

    /// Makes a poll visible again.
    ///
    /// # Errors
    /// When it wasn't taken down.
    pub async fn put_back(&self, id: &str) -> Result<(), ModerationError> {
        let sql = "UPDATE poll SET hidden_reason = NULL WHERE public_id = $1 AND hidden_reason IS NOT NULL RETURNING owner_id";
        let kinds = [AuditKind::PollPutBack, AuditKind::PutPollBack];
        let restored = self.change(id, sql, Vec::new(), kinds, &path(id)).await;
        self.unless_found(restored, id, ModerationError::NotHidden)
            .await
    }

    /// Closes an open poll. A poll whose owner's account is gone can only be closed by an admin,
    /// and isn't sealed before.
    ///
    /// # Errors
    /// When it isn't open, or there is no such poll.
    pub async fn close(&self, id: &str) -> Result<(), ModerationError> {
        let sql =
            "UPDATE poll SET closes_at = $2 WHERE public_id = $1 AND NOT draft AND opens_at <= $2 AND (closes_at IS NULL OR closes_at > $2)
                   AND sealing_state = 'not_started' RETURNING owner_id";
        let kinds = [AuditKind::PollClosedByOthers, AuditKind::ClosedAPoll];
        let values = vec![self.now.into()];
        let closed = self.change(id, sql, values, kinds, &path(id)).await;
        self.unless_found(closed, id, ModerationError::NotOpen)
            .await
    }

    /// Names the reason why a change found no poll: there is one, but not in the right state.
    async fn unless_found(
        &self,
        changed: Result<(), ModerationError>,
        id: &str,
        why: fn(String) -> ModerationError,
    ) -> Result<(), ModerationError> {
        match changed {
            Err(ModerationError::NotFound(_)) if self.find(id).await.is_ok() => {
                Err(why(id.to_owned()))
            }
            changed => changed,
        }
    }

    /// Runs a statement on one poll and records it for its owner and for the admin. The poll's id
    /// is the statement's first value.
    async fn change(
        &self,
        id: &str,
        sql: &str,
        values: Vec<Value>,
        [told, done]: [AuditKind; 2],
        detail: &str,
    ) -> Result<(), ModerationError> {
        let transaction = self.db.begin().await?;
        let values = std::iter::once(plain(id)?.into()).chain(values);
        let row = transaction
            .query_one_raw(statement(&transaction, sql, values))
            .await?
            .ok_or_else(|| ModerationError::NotFound(id.to_owned()))?;
        let owner = row.try_get("", "owner_id")?;
        self.note(&transaction, owner, told, detail).await?;
        self.note(&transaction, self.admin, done, detail).await?;
        transaction.commit().await?;
        self.cache.forget(id);
        Ok(())
    }

    /// Records an event for an account, if there is one.
    pub(super) async fn note(
        &self,
        transaction: &Transaction,
        account: Option<i64>,
        what: AuditKind,
        detail: &str,
    ) -> Result<(), DbErr> {
        if account.is_none() {
            return Ok(());
        }
        // The owner's log doesn't reveal the admin's client.
        let client_info = match self.admin {
            Some(_) if account != self.admin => ClientInfo::default(),
            _ => self.client_info.clone(),
        };
        let event = AuditEvent {
            account,
            what,
            detail,
        };
        audit::record(transaction, event, &client_info, self.now).await
    }
}

/// Validates an id from a URL, a form or a command line, which can contain anything.
pub(super) fn plain(id: &str) -> Result<&str, ModerationError> {
    if is_id(id) {
        Ok(id)
    } else {
        Err(ModerationError::NotFound(id.to_owned()))
    }
}
