//! What an organiser does with a poll of theirs, in the database.
//!
//! Each change holds the poll's row, as casting a vote does, and reads the clock once it has it: so a poll cannot change under a vote,
//! nor a vote come in behind a close. Whoever comes second sees what the first one did.

use leptos::prelude::expect_context;
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::Serialize;
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::requirements::MobileOnly;
use crate::accounts::{audit, limits};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, Transaction, execute};
use crate::polls::manage::form::{FEWEST, PollForm, TICKED};
use crate::polls::manage::validate;
use crate::polls::manage::validate::{AT_ONCE, DraftError};
use crate::polls::model::poll::{Kind, State, path};
use crate::polls::model::poll_id::{id_of, new_id};
use crate::polls::model::time_zone::PollTimeZone;
use crate::polls::store::cache::PollCache;
use crate::polls::store::polls::{Draft, StoredPoll, poll_row};
use crate::polls::store::{polls, purge};
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

/// Somebody who runs polls, in this request.
#[derive(Clone, Debug)]
pub struct Organiser {
    person: i64,
    db: Db,
    keys: Keys,
    clock: Clock,
    snapshots: PollCache,
    visit: ClientInfo,
    /// Whether every poll of this site is for mobile numbers only.
    mobile_only: bool,
    /// How many polls a day an account may make.
    daily: i64,
}

/// Why a poll is not run like that.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManageError {
    /// It has opened.
    #[error(
        "This poll has opened, so its question, choices and rules stay as they are. You can close it, or copy it into a new draft."
    )]
    Frozen,
    /// It cannot be opened, for it is open, or was.
    #[error("This poll has opened already.")]
    OpenedAlready,
    /// A draft lacks choices.
    #[error("This draft is not finished: it needs more choices. Edit it first.")]
    Unfinished,
    /// Its closing time has passed before it opened.
    #[error("The closing time of this poll has passed. Edit it first.")]
    ClosesInThePast,
    /// It is not open.
    #[error("This poll is not open, so there is nothing to close.")]
    NotOpen,
    /// Closed stays closed.
    #[error(
        "This poll is closed, and stays closed: everybody may have seen the results. You can copy it into a new draft."
    )]
    Closed,
    /// Its times are set by editing it.
    #[error("This poll has not opened yet. Edit it to change its times.")]
    NotOpenYet,
    /// Somebody took it down.
    #[error("This poll was taken down by those who look after the site.")]
    TakenDown,
}

impl From<ManageError> for Refusal {
    fn from(error: ManageError) -> Self {
        Self::form(error)
    }
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
        polls::insert_as(&transaction, id, draft, now).await?;
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
        polls::rewrite(&transaction, stored.row, draft).await?;
        self.done(transaction, id).await
    }

    /// Opens a draft, or a poll whose time has not come.
    ///
    /// # Errors
    /// When it is open, was, or cannot be yet.
    pub async fn open(&self, id: &str) -> Result<(), Refusal> {
        let Held {
            transaction,
            stored,
            now,
        } = self.hold(id).await?;
        let needed = if let Kind::Multiple { most } = stored.poll.kind {
            usize::try_from(most).unwrap_or(FEWEST)
        } else {
            FEWEST
        };
        let error = match stored.poll.state {
            State::Open | State::Closed => Some(ManageError::OpenedAlready),
            _ if stored.hidden_reason.is_some() => Some(ManageError::TakenDown),
            _ if stored.poll.choices.len() < needed => Some(ManageError::Unfinished),
            _ if stored
                .poll
                .closes_at
                .is_some_and(|closes_at| closes_at <= now) =>
            {
                Some(ManageError::ClosesInThePast)
            }
            State::Draft | State::NotOpenYet => None,
        };
        if let Some(error) = error {
            return Err(error.into());
        }
        execute(
            &transaction,
            "UPDATE poll SET draft = FALSE, opens_at = $1 WHERE id = $2",
            [now.into(), stored.row.into()],
        )
        .await?;
        self.done(transaction, id).await
    }

    /// Closes a poll that is open.
    ///
    /// # Errors
    /// When it is not.
    pub async fn close(&self, id: &str) -> Result<(), Refusal> {
        let Held {
            transaction,
            stored,
            now,
        } = self.hold(id).await?;
        if stored.poll.state != State::Open {
            return Err(ManageError::NotOpen.into());
        }
        execute(
            &transaction,
            "UPDATE poll SET closes_at = $1 WHERE id = $2",
            [now.into(), stored.row.into()],
        )
        .await?;
        self.note(&transaction, AuditKind::PollClosed, id, now)
            .await?;
        self.done(transaction, id).await
    }

    /// Gives a poll that is open a later closing time.
    ///
    /// # Errors
    /// When it is not open, or the time is none.
    pub async fn extend(&self, id: &str, typed: &str) -> Result<(), Refusal> {
        let Held {
            transaction,
            stored,
            now,
        } = self.hold(id).await?;
        match stored.poll.state {
            State::Closed => return Err(ManageError::Closed.into()),
            State::Draft | State::NotOpenYet => return Err(ManageError::NotOpenYet.into()),
            State::Open => {}
        }
        let zone = PollTimeZone::parse(&stored.poll.zone)
            .map_err(|error| Refusal::form(DraftError::from(error)))?;
        let closes = validate::later_close(typed, &zone, stored.poll.closes_at, now)
            .map_err(|fault| Refusal::field("closes", fault))?;
        // By another instance's clock it may have closed already, and then its ballot box is shut for good.
        let sql = "UPDATE poll SET closes_at = $1 WHERE id = $2 AND sealing_state = 'not_started'";
        if execute(&transaction, sql, [closes.into(), stored.row.into()]).await? == 0 {
            return Err(ManageError::Closed.into());
        }
        self.done(transaction, id).await
    }

    /// Puts a poll into the lists, or takes it out of them.
    ///
    /// # Errors
    /// When there is no such poll, or the database fails.
    pub async fn list(&self, id: &str, listed: bool) -> Result<(), Refusal> {
        let sql = "UPDATE poll SET listed = $1 WHERE public_id = $2 AND owner_id = $3";
        let changed = execute(
            self.db.write(),
            sql,
            [listed.into(), id.into(), self.person.into()],
        )
        .await?;
        self.snapshots.forget(id);
        if changed == 0 {
            Err(Refusal::NotFound)
        } else {
            Ok(())
        }
    }

    /// Copies a poll into a new draft without times, which gets the id `copy`, and tells its id.
    ///
    /// # Errors
    /// When there is no such poll, there were too many today, or the database fails.
    pub async fn copy(&self, id: &str, copy: String) -> Result<String, Refusal> {
        let poll = self.own(id).await?.poll;
        let draft = Draft {
            owner: Some(self.person),
            question: poll.question,
            description: poll.description,
            choices: poll.choices.into_iter().map(|choice| choice.text).collect(),
            kind: poll.kind,
            results: poll.results,
            opens_at: AT_ONCE,
            closes_at: None,
            zone: poll.zone,
            listed: poll.listed,
            changeable: poll.changeable,
            shuffled: poll.shuffled,
            rankings: poll.rankings,
            countries: poll.countries,
            mobile_only: poll.mobile_only,
            per_account: poll.per_account,
            draft: true,
        };
        self.make(copy, || Ok(draft)).await
    }

    /// Deletes a poll with everything that was voted in it. At once it is a draft of nobody, which nobody sees and nobody votes in; all
    /// that is in it goes after that, which may take longer than anybody waits.
    ///
    /// # Errors
    /// When there is no such poll, or the database fails.
    pub async fn remove(&self, id: &str) -> Result<(), Refusal> {
        let Held {
            transaction,
            stored,
            now,
        } = self.hold(id).await?;
        execute(
            &transaction,
            "UPDATE poll SET draft = TRUE, owner_id = NULL WHERE id = $1",
            [stored.row.into()],
        )
        .await?;
        self.note(&transaction, AuditKind::PollDeleted, id, now)
            .await?;
        self.done(transaction, id).await?;
        let db = self.db.clone();
        tokio::spawn(async move {
            if let Err(error) = purge::forget_one(&db, stored.row).await {
                tracing::warn!(%error, "a poll was deleted by halves; the rest of it goes within the hour");
            }
        });
        Ok(())
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
    async fn hold(&self, id: &str) -> Result<Held, Refusal> {
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
    async fn done(&self, transaction: Transaction, id: &str) -> Result<(), Refusal> {
        transaction.commit().await?;
        self.snapshots.forget(id);
        Ok(())
    }

    async fn note(
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
struct Held {
    transaction: Transaction,
    stored: StoredPoll,
    now: Seconds,
}

/// A poll as its form shows it.
#[must_use]
pub fn as_typed(stored: &StoredPoll) -> PollForm {
    let poll = &stored.poll;
    let zone = PollTimeZone::parse(&poll.zone);
    let shown = |moment| {
        zone.as_ref()
            .map(|zone| zone.shown(moment))
            .unwrap_or_default()
    };
    // As many as there are is what an empty field means, also when there will be more of them.
    let all = poll.choices.len().max(FEWEST);
    let most = if let Kind::Multiple { most } = poll.kind {
        usize::try_from(most).ok().filter(|most| *most != all)
    } else {
        None
    };
    let ticked = |ticked: bool| {
        if ticked {
            TICKED.to_owned()
        } else {
            String::new()
        }
    };
    PollForm {
        poll: poll.id.clone(),
        question: poll.question.clone(),
        description: poll.description.clone(),
        choice: poll
            .choices
            .iter()
            .map(|choice| choice.text.clone())
            .collect(),
        kind: poll.kind.word().to_owned(),
        most: most.map(|most| most.to_string()).unwrap_or_default(),
        opens: if poll.opens_at == AT_ONCE {
            String::new()
        } else {
            shown(poll.opens_at)
        },
        closes: poll.closes_at.map(shown).unwrap_or_default(),
        zone: poll.zone.clone(),
        results: poll.results.word().to_owned(),
        listed: if poll.listed { TICKED } else { "no" }.to_owned(),
        changeable: ticked(poll.changeable),
        shuffled: ticked(poll.shuffled),
        rankings: ticked(poll.rankings),
        countries: poll
            .countries
            .iter()
            .map(|code| format!("+{code}"))
            .collect(),
        mobile_only: ticked(poll.mobile_only),
        per_account: ticked(poll.per_account),
        ..PollForm::default()
    }
}
