//! Loads polls. Ballots are written by `batch` only.

use std::sync::Arc;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QueryOrder,
};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute};
use crate::polls::model::draw::Seed;
use crate::polls::model::poll::{Choice, Correction, Poll, State};
use crate::polls::model::poll_id::is_id;
use crate::polls::store::rows::{choice_row, correction_row, poll_row};

/// A poll with the columns that aren't public.
#[derive(Clone, Debug)]
pub struct StoredPoll {
    /// The row id, which is never shown.
    pub row: i64,
    /// The organiser's account.
    pub owner: Option<i64>,
    /// Why an admin took the poll down.
    pub hidden_reason: Option<String>,
    /// Whether voting has ended irrevocably: no vote is in progress, and none can be added.
    pub shut: bool,
    /// Whether the ballots have been rewritten for sealing.
    pub sealed: bool,
    /// The SHA-256 of the recount bundle, once the poll is sealed.
    pub fingerprint: Option<String>,
    /// The secret seed of the draw that decides ties, in a ranking or final newer than the draw.
    pub seed: Option<Seed>,
    /// The poll, shared by the requests that read it.
    pub poll: Arc<Poll>,
}

/// The `sealing_state` before the close.
const NOT_STARTED: &str = "not_started";
/// The `sealing_state` of a sealed poll. While it is being sealed, the state is `shut`.
const SEALED: &str = "sealed";

impl StoredPoll {
    fn from_row(
        row: poll_row::Model,
        choices: Vec<Choice>,
        corrections: Vec<Correction>,
        now: Seconds,
    ) -> Result<Self, DbErr> {
        let state = State::of(row.draft, row.opens_at, row.closes_at, now);
        let (kind, results) = (row.kind()?, row.results()?);
        let seed = row.draw_seed.as_deref().filter(|_| kind.has_draw());
        let seed =
            seed.map(|seed| Seed::from_bytes(seed).ok_or_else(|| poll_row::unknown("draw seed")));
        let seed = seed.transpose()?;
        let poll = Poll {
            kind,
            results,
            countries: row
                .countries
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            id: row.public_id,
            question: row.question,
            description: row.description,
            choices,
            corrections,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            zone: row.time_zone,
            state,
            listed: row.listed,
            changeable: row.changeable,
            shuffled: row.shuffled,
            rankings: row.rankings,
            mobile_only: row.mobile_only,
            per_account: row.per_account,
            draw: seed.map(Seed::commitment),
            turnout: row.turnout,
        };
        Ok(Self {
            row: row.id,
            owner: row.owner_id,
            hidden_reason: row.hidden_reason,
            shut: row.sealing_state != NOT_STARTED,
            sealed: row.sealing_state == SEALED,
            fingerprint: row.fingerprint,
            seed,
            poll: Arc::new(poll),
        })
    }

    /// Updates the state for this time.
    #[must_use]
    pub fn at(mut self, now: Seconds) -> Self {
        let poll = &self.poll;
        let state = State::of(
            poll.state == State::Draft,
            poll.opens_at,
            poll.closes_at,
            now,
        );
        if state != poll.state {
            Arc::make_mut(&mut self.poll).state = state;
        }
        self
    }

    /// Shares the poll with an earlier reading if it has not changed since, so that what is made of
    /// it once serves both.
    pub(super) fn sharing_poll_of(mut self, earlier: Option<&Self>) -> Self {
        if let Some(earlier) = earlier.filter(|earlier| earlier.poll == self.poll) {
            self.poll = Arc::clone(&earlier.poll);
        }
        self
    }

    /// Whether others than the organiser may see the poll.
    #[must_use]
    pub fn public(&self) -> bool {
        self.poll.state != State::Draft && self.hidden_reason.is_none()
    }
}

/// Loads a poll by its public id.
pub async fn find(
    db: &impl ConnectionTrait,
    id: &str,
    now: Seconds,
) -> Result<Option<StoredPoll>, DbErr> {
    if !is_id(id) {
        return Ok(None);
    }
    let Some(row) = poll_row::Entity::find()
        .filter(poll_row::Column::PublicId.eq(id))
        .one(db)
        .await?
    else {
        return Ok(None);
    };
    let choices = choice_row::Entity::find()
        .filter(choice_row::Column::PollId.eq(row.id))
        .order_by_asc(choice_row::Column::Position);
    let choices = choices
        .all(db)
        .await?
        .into_iter()
        .map(|choice| Choice {
            position: choice.position,
            text: choice.text,
        })
        .collect();
    let corrections = corrections(db, row.id).await?;
    StoredPoll::from_row(row, choices, corrections, now).map(Some)
}

/// Loads the corrections of a poll, earliest first.
pub async fn corrections(db: &impl ConnectionTrait, row: i64) -> Result<Vec<Correction>, DbErr> {
    let rows = correction_row::Entity::find()
        .filter(correction_row::Column::PollId.eq(row))
        .order_by_asc(correction_row::Column::Position);
    let corrections = rows.all(db).await?.into_iter();
    Ok(corrections
        .map(|row| Correction {
            at: row.created_at,
            text: row.text,
        })
        .collect())
}

/// Locks a poll's row for the rest of the transaction, as casting a vote does. SQLite needs no lock: it
/// has one writer.
pub async fn lock(transaction: &Transaction, id: &str) -> Result<(), DbErr> {
    if ConnectionTrait::get_database_backend(transaction) == DbBackend::Postgres {
        let sql = "SELECT id FROM poll WHERE public_id = $1 FOR UPDATE";
        execute(transaction, sql, [id.into()]).await?;
    }
    Ok(())
}

/// Returns how many polls an account has published.
pub async fn published_by(db: &Db, owner: i64) -> Result<u64, DbErr> {
    let published = poll_row::Column::Draft.eq(false);
    poll_row::Entity::find()
        .filter(poll_row::Column::OwnerId.eq(owner).and(published))
        .count(db.read())
        .await
}

/// Whether there are no polls.
pub async fn none_yet(db: &Db) -> Result<bool, DbErr> {
    Ok(poll_row::Entity::find().count(db.read()).await? == 0)
}
