//! What an organiser does with a poll of theirs, in the database.
//!
//! Each change holds the poll's row, as casting a vote does, and reads the clock once it has it: so a poll cannot change under a vote,
//! nor a vote come in behind a close. Whoever comes second sees what the first one did.

use leptos::prelude::expect_context;
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::Serialize;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::requirements::MobileOnly;
use crate::accounts::{audit, limits};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, Transaction, execute};
use crate::polls::manage::error::ManageError;
use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::manage::poll_form::validate;
use crate::polls::model::poll::{State, path};
use crate::polls::model::poll_id::{id_of, new_id};
use crate::polls::store::cache::PollCache;
use crate::polls::store::drafts::Draft;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::rows::poll_row;
use crate::polls::store::{drafts, polls};
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

/// Somebody who runs polls, in this request.
#[derive(Clone, Debug)]
pub struct Organiser {
    pub(super) person: i64,
    pub(super) db: Db,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
    pub(super) snapshots: PollCache,
    pub(super) visit: ClientInfo,
    /// Whether every poll of this site is for mobile numbers only.
    pub(super) mobile_only: bool,
    /// How many polls a day an account may make.
    pub(super) daily: i64,
}

impl Organiser {
    /// This account, in the request that is being answered.
    #[must_use]
    pub fn of(person: i64) -> Self {
        let ctx = Ctx::from_context();
        Self {
            person,
            db: ctx.db,
            keys: ctx.keys,
            clock: ctx.clock,
            snapshots: expect_context(),
            visit: ClientInfo::from_context(),
            mobile_only: MobileOnly::from_context(),
            daily: ctx.config.daily_polls,
        }
    }

    /// Reads a form into a poll of this organiser's.
    ///
    /// # Errors
    /// What is wrong with it, field by field.
    pub fn read(&self, form: &PollForm) -> Result<Draft, Refusal> {
        let draft = validate::parse(form, self.person, self.clock.now())?;
        Ok(Draft {
            mobile_only: draft.mobile_only || self.mobile_only,
            ..draft
        })
    }

    /// Returns the id of the poll that a form makes: the same form of the same account has the same one, a form without a nonce a new one
    /// each time.
    #[must_use]
    pub fn id_for(&self, nonce: &str, form: &impl Serialize) -> String {
        match serde_json::to_vec(form) {
            Ok(content) if !nonce.is_empty() => id_of(&self.keys.form(self.person, &content)),
            _ => new_id(),
        }
    }

    /// Makes a poll of this id out of what `draft` reads, and tells its id. One that is there already was made by the same form, and is
    /// told again, whatever would be wrong with the form by now.
    ///
    /// # Errors
    /// When something is wrong with the draft, there were too many today, or the database fails.
    pub async fn make(
        &self,
        mut id: String,
        draft: impl FnOnce() -> Result<Draft, Refusal>,
    ) -> Result<String, Refusal> {
        let now = self.clock.now();
        match polls::find(self.db.read(), &id, now).await? {
            Some(there) if there.owner == Some(self.person) => return Ok(id),
            // What the form made was deleted, and is not gone yet.
            Some(_) => id = new_id(),
            None => {}
        }
        let draft = draft()?;
        let made = match limits::new_poll(&self.db, self.person, self.daily, now).await? {
            Err(too_often) => Err(too_often.refusal("You have made many polls today.")),
            Ok(counted) => match self.insert(&id, &draft, now).await {
                Ok(()) => Ok(()),
                Err(error) => {
                    counted.give_back(&self.db).await?;
                    Err(error.into())
                }
            },
        };
        // The same form, sent twice at once, may have been quicker.
        if made.is_err() && self.own(&id).await.is_ok() {
            Ok(id)
        } else {
            made.map(|()| id)
        }
    }

    async fn insert(&self, id: &str, draft: &Draft, now: Seconds) -> Result<(), DbErr> {
        let transaction = self.db.begin().await?;
        drafts::insert_as(&transaction, id, draft, now).await?;
        self.note(&transaction, AuditKind::PollMade, id, now)
            .await?;
        transaction.commit().await
    }

    /// A poll of this organiser's own. To everybody else there is none.
    ///
    /// # Errors
    /// When there is no such poll, or the database fails.
    pub async fn own(&self, id: &str) -> Result<StoredPoll, Refusal> {
        let stored = polls::find(self.db.read(), id, self.clock.now()).await?;
        stored
            .filter(|stored| stored.owner == Some(self.person))
            .ok_or(Refusal::NotFound)
    }

    /// Writes a poll anew, as long as it has not opened.
    ///
    /// # Errors
    /// When it has, or the database fails.
    pub async fn rewrite(&self, id: &str, draft: &Draft) -> Result<(), Refusal> {
        let Held {
            transaction,
            stored,
            ..
        } = self.hold(id).await?;
        if matches!(stored.poll.state, State::Open | State::Closed) {
            return Err(ManageError::Frozen.into());
        }
        drafts::rewrite(&transaction, stored.row, draft).await?;
        self.done(transaction, id).await
    }

    /// The organiser's polls, newest first, older than the one of this row number.
    pub async fn mine(
        &self,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<poll_row::Model>, DbErr> {
        of_owner(self.person, before)
            .limit(limit)
            .all(self.db.read())
            .await
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Seconds {
        self.clock.now()
    }

    /// Holds a poll of this organiser's own until the transaction ends.
    pub(super) async fn hold(&self, id: &str) -> Result<Held, Refusal> {
        let transaction = self.db.begin().await?;
        if self.db.backend() == DbBackend::Postgres {
            let sql = "SELECT id FROM poll WHERE public_id = $1 FOR UPDATE";
            execute(&transaction, sql, [id.into()]).await?;
        }
        let now = self.clock.now();
        let stored = polls::find(&transaction, id, now).await?;
        let stored = stored
            .filter(|stored| stored.owner == Some(self.person))
            .ok_or(Refusal::NotFound)?;
        Ok(Held {
            transaction,
            stored,
            now,
        })
    }

    /// Ends a change of a poll, which is seen from then on.
    pub(super) async fn done(&self, transaction: Transaction, id: &str) -> Result<(), Refusal> {
        transaction.commit().await?;
        self.snapshots.forget(id);
        Ok(())
    }

    pub(super) async fn note(
        &self,
        transaction: &Transaction,
        what: AuditKind,
        id: &str,
        now: Seconds,
    ) -> Result<(), DbErr> {
        let event = AuditEvent {
            account: Some(self.person),
            what,
            detail: &path(id),
        };
        audit::record(transaction, event, &self.visit, now).await
    }
}

/// Polls of an account, newest first.
pub(crate) fn of_owner(person: i64, before: Option<i64>) -> Select<poll_row::Entity> {
    let polls = poll_row::Entity::find().filter(poll_row::Column::OwnerId.eq(person));
    polls
        .filter(poll_row::Column::Id.lt(before.unwrap_or(i64::MAX)))
        .order_by_desc(poll_row::Column::Id)
}

/// A poll that nobody else changes, and the time at which that began.
pub(super) struct Held {
    pub(super) transaction: Transaction,
    pub(super) stored: StoredPoll,
    pub(super) now: Seconds,
}
