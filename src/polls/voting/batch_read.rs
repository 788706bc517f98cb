//! Reads and locks the polls of a batch of votes.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Value};

use crate::platform::clock::{Clock, Seconds};
use crate::platform::db::{Transaction, places, statement};
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::State;
use crate::polls::voting::vote::Vote;

/// The columns of a poll needed to check a vote.
pub(crate) struct LockedPoll {
    pub(super) row: i64,
    pub(super) state: State,
    pub(super) kind: Kind,
    pub(super) changeable: bool,
    pub(super) mobile_only: bool,
    pub(super) per_account: bool,
    pub(super) countries: Vec<String>,
    pub(super) positions: BTreeSet<i64>,
}

/// The polls of a batch by public id; `None` if the poll was skipped because it is locked.
pub(crate) type Polls = HashMap<String, Option<LockedPoll>>;

/// Reads and locks the polls of a batch until its commit, then reads the clock, so that a vote that
/// waited while its poll was closed is late. To avoid deadlocks, a batch with several polls skips
/// locked ones, and a batch that waits has only one poll.
pub(crate) async fn lock_polls(
    transaction: &Transaction,
    votes: &[Vote],
    on_locked: OnLocked,
    clock: &Clock,
    mobile_only: bool,
) -> Result<(Polls, Seconds), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        public_id: String,
        kind: String,
        #[sea_orm(from_alias = "max_choices")]
        most: i64,
        draft: bool,
        shut: bool,
        changeable: bool,
        mobile_only: bool,
        per_account: bool,
        countries: String,
        opens_at: Seconds,
        closes_at: Option<Seconds>,
    }
    // `NO KEY`, so that sealing isn't blocked by this lock at each row, while votes in the same
    // poll still wait for each other.
    let lock = match (transaction.get_database_backend(), on_locked) {
        (DbBackend::Postgres, OnLocked::Skip) => "FOR NO KEY UPDATE SKIP LOCKED",
        (DbBackend::Postgres, OnLocked::Wait) => "FOR NO KEY UPDATE",
        _ => "",
    };
    let ids: BTreeSet<&str> = votes.iter().map(|vote| vote.poll.as_str()).collect();
    let these = format!(
        "FROM poll WHERE hidden_reason IS NULL AND public_id IN ({})",
        places(1, ids.len())
    );
    let values = || ids.iter().map(|id| Value::from(*id));
    let sql = format!(
        "SELECT id, public_id, kind, max_choices, draft, sealing_state <> 'not_started' AS shut, changeable, mobile_only, per_account, countries, opens_at,
         closes_at {these} {lock}"
    );
    let found = Row::find_by_statement(statement(transaction, &sql, values()))
        .all(transaction)
        .await?;
    let mut polls = Polls::new();
    if found.len() < ids.len() && lock.ends_with("SKIP LOCKED") {
        let all = statement(transaction, &format!("SELECT public_id {these}"), values());
        for row in transaction.query_all_raw(all).await? {
            polls.insert(row.try_get("", "public_id")?, None);
        }
    }
    let now = clock.now();
    let mut positions = positions(
        transaction,
        &found.iter().map(|row| row.id).collect::<Vec<_>>(),
    )
    .await?;
    for row in found {
        let poll = LockedPoll {
            row: row.id,
            state: match () {
                () if row.draft => State::Draft,
                // The poll is being sealed: by another instance's clock it closed before this vote.
                () if row.shut => State::Closed,
                () => State::at(row.opens_at, row.closes_at, now),
            },
            kind: Kind::of(&row.kind, row.most)
                .ok_or_else(|| DbErr::Type("a poll's kind is unknown".to_owned()))?,
            changeable: row.changeable,
            mobile_only: mobile_only || row.mobile_only,
            per_account: row.per_account,
            countries: row
                .countries
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            positions: positions.remove(&row.id).unwrap_or_default(),
        };
        polls.insert(row.public_id, Some(poll));
    }
    Ok((polls, now))
}

/// Loads the positions of the choices of these polls.
pub(crate) async fn positions(
    transaction: &Transaction,
    polls: &[i64],
) -> Result<HashMap<i64, BTreeSet<i64>>, DbErr> {
    let mut positions = HashMap::<_, BTreeSet<i64>>::new();
    if polls.is_empty() {
        return Ok(positions);
    }
    let sql = format!(
        "SELECT poll_id, position FROM choice WHERE poll_id IN ({})",
        places(1, polls.len())
    );
    for row in transaction
        .query_all_raw(statement(
            transaction,
            &sql,
            polls.iter().map(|poll| (*poll).into()),
        ))
        .await?
    {
        positions
            .entry(row.try_get("", "poll_id")?)
            .or_default()
            .insert(row.try_get("", "position")?);
    }
    Ok(positions)
}

/// What to do with a poll locked by another transaction.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum OnLocked {
    Skip,
    Wait,
}
