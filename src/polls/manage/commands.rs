//! Database operations of an organiser on their own polls.
//!
//! Each change locks the poll's row, as casting a vote does, and reads the clock afterwards. So a
//! poll cannot change during a vote, no vote can arrive after a close, and the second of two
//! concurrent changes sees the first.

use std::collections::HashMap;

use leptos::prelude::expect_context;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::Serialize;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::requirements::MobileOnly;
use crate::accounts::{audit, limits};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, Transaction};
use crate::polls::manage::error::ManageError;
use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::manage::poll_form::validate;
use crate::polls::model::poll::{State, path};
use crate::polls::model::poll_id::{id_of, new_id};
use crate::polls::store::cache::PollCache;
use crate::polls::store::cache::lists::ListedPoll;
use crate::polls::store::drafts::Draft;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::rows::poll_row;
use crate::polls::store::{drafts, polls};
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

/// The organiser who sent this request, and what their commands need.
#[derive(Clone, Debug)]
pub struct Organiser {
    pub(super) person: i64,
    pub(super) db: Db,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
    pub(super) cache: PollCache,
    pub(super) client_info: ClientInfo,
    /// Whether every poll on this site is for mobile numbers only.
    pub(super) mobile_only: bool,
    /// How many polls an account may create per day.
    pub(super) daily: i64,
}

impl Organiser {
    /// Creates the organiser for this account from the current request.
    #[must_use]
    pub fn of(person: i64) -> Self {
        let ctx = Ctx::from_context();
        Self {
            person,
            db: ctx.db,
            keys: ctx.keys,
            clock: ctx.clock,
            cache: expect_context(),
            client_info: ClientInfo::from_context(),
            mobile_only: MobileOnly::from_context(),
            daily: ctx.config.daily_polls,
        }
    }

    /// Parses a form into a draft owned by this organiser.
    ///
    /// # Errors
    /// The field errors of the form.
    pub fn read(&self, form: &PollForm) -> Result<Draft, Refusal> {
        let draft = validate::parse(form, Some(self.person), self.clock.now())?;
        Ok(Draft {
            mobile_only: draft.mobile_only || self.mobile_only,
            ..draft
        })
    }

    /// Returns the id of the poll that a form creates: the same for the same form of the same
    /// account, so that resubmissions are recognised. Without a nonce it is a new random id.
    #[must_use]
    pub fn id_for(&self, nonce: &str, form: &impl Serialize) -> String {
        match serde_json::to_vec(form) {
            Ok(content) if !nonce.is_empty() => id_of(&self.keys.form(self.person, &content)),
            _ => new_id(),
        }
    }

    /// Creates a poll with this id and returns the id. If the organiser has a poll with this id
    /// already, the same form created it: its id is returned, even if the form would now be
    /// invalid.
    ///
    /// # Errors
    /// When the draft is invalid, or the account has created too many polls today.
    pub async fn make(
        &self,
        mut id: String,
        draft: impl FnOnce() -> Result<Draft, Refusal>,
    ) -> Result<String, Refusal> {
        let now = self.clock.now();
        match polls::find(self.db.read(), &id, now).await? {
            Some(there) if there.owner == Some(self.person) => return Ok(id),
            // The poll that this form created was deleted, and is not purged yet.
            Some(_) => id = new_id(),
            None => {}
        }
        let draft = draft()?;
        let made = match limits::count_new_poll(&self.db, self.person, self.daily, now).await {
            Err(error) => Err(error.into()),
            Ok(counted) => match self.insert(&id, &draft, now).await {
                Ok(()) => Ok(()),
                Err(refusal) => {
                    counted.give_back(&self.db).await?;
                    Err(refusal)
                }
            },
        };
        // A concurrent submission of the same form may have been faster.
        if made.is_err() && self.own(&id).await.is_ok() {
            Ok(id)
        } else {
            made.map(|()| id)
        }
    }

    async fn insert(&self, id: &str, draft: &Draft, now: Seconds) -> Result<(), Refusal> {
        let transaction = self.db.begin().await?;
        drafts::insert_as(&transaction, id, draft, now).await?;
        self.note(&transaction, AuditKind::PollMade, id, now)
            .await?;
        self.commit(transaction, id).await
    }

    /// Returns a poll of this organiser. Polls of others are not found.
    pub async fn own(&self, id: &str) -> Result<StoredPoll, Refusal> {
        let stored = polls::find(self.db.read(), id, self.clock.now()).await?;
        stored
            .filter(|stored| stored.owner == Some(self.person))
            .ok_or(Refusal::NotFound)
    }

    /// Replaces the content of a poll that has not opened.
    ///
    /// # Errors
    /// When it has opened.
    pub async fn update(&self, id: &str, draft: &Draft) -> Result<(), Refusal> {
        let LockedRow {
            transaction,
            stored,
            ..
        } = self.lock(id).await?;
        if matches!(stored.poll.state, State::Open | State::Closed) {
            return Err(ManageError::AlreadyOpened.into());
        }
        drafts::update(&transaction, stored.row, draft).await?;
        self.commit(transaction, id).await
    }

    /// Returns the organiser's polls with row numbers below `before`, newest first.
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

    /// Returns the number of votes of each of these polls whose results everyone may see, by row.
    pub async fn public_votes(
        &self,
        polls: &[poll_row::Model],
    ) -> Result<HashMap<i64, i64>, DbErr> {
        let now = self.now();
        let published = polls
            .iter()
            .filter(|row| !row.draft && row.hidden_reason.is_none());
        let listed = published.map(|row| {
            Ok(ListedPoll {
                row: row.id,
                id: &row.public_id,
                results: row.results()?,
                state: State::at(row.opens_at, row.closes_at, now),
            })
        });
        let listed = listed.collect::<Result<Vec<_>, DbErr>>()?;
        self.cache.public_votes(&listed).await
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Seconds {
        self.clock.now()
    }

    /// Begins a transaction and locks the row of a poll of this organiser.
    pub(super) async fn lock(&self, id: &str) -> Result<LockedRow, Refusal> {
        let transaction = self.db.begin().await?;
        polls::lock(&transaction, id).await?;
        let now = self.clock.now();
        let stored = polls::find(&transaction, id, now).await?;
        let stored = stored
            .filter(|stored| stored.owner == Some(self.person))
            .ok_or(Refusal::NotFound)?;
        Ok(LockedRow {
            transaction,
            stored,
            now,
        })
    }

    /// Commits a change of a poll and drops it from the cache.
    pub(super) async fn commit(&self, transaction: Transaction, id: &str) -> Result<(), Refusal> {
        transaction.commit().await?;
        self.cache.forget(id);
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
        audit::record(transaction, event, &self.client_info, now).await
    }
}

/// Query for the polls of an account, newest first.
pub(crate) fn of_owner(person: i64, before: Option<i64>) -> Select<poll_row::Entity> {
    let polls = poll_row::Entity::find().filter(poll_row::Column::OwnerId.eq(person));
    polls
        .filter(poll_row::Column::Id.lt(before.unwrap_or(i64::MAX)))
        .order_by_desc(poll_row::Column::Id)
}

/// A poll with its row locked, and the time at which the lock was acquired.
pub(super) struct LockedRow {
    pub(super) transaction: Transaction,
    pub(super) stored: StoredPoll,
    pub(super) now: Seconds,
}
