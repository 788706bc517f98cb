//! Inserts and updates polls from the organiser's input.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait};

use crate::platform::clock::Seconds;
use crate::platform::db::{Transaction, execute};
use crate::polls::model::draw::Seed;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::ResultsRule;
use crate::polls::model::poll_id::new_id;
use crate::polls::store::rows::{choice_row, poll_row};
use crate::polls::store::search;

/// The organiser's input for a poll.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The organiser's account.
    pub owner: Option<i64>,
    /// The question.
    pub question: String,
    /// A longer description; may be empty.
    pub description: String,
    /// The choices, in order.
    pub choices: Vec<String>,
    /// The voting method.
    pub kind: Kind,
    /// Who may see the results, and when.
    pub results: ResultsRule,
    /// When voting begins.
    pub opens_at: Seconds,
    /// When voting ends.
    pub closes_at: Option<Seconds>,
    /// The organiser's time zone.
    pub zone: String,
    /// Whether the poll is listed.
    pub listed: bool,
    /// Whether voters may change their ballot.
    pub changeable: bool,
    /// Whether the order of the choices differs from voter to voter.
    pub shuffled: bool,
    /// Whether complete rankings are published.
    pub rankings: bool,
    /// Calling codes whose numbers may vote; empty for all.
    pub countries: Vec<String>,
    /// Whether only mobile numbers may vote.
    pub mobile_only: bool,
    /// Whether each account also has only one vote, whichever numbers it has had.
    pub per_account: bool,
    /// Whether everyone sees how many have voted while results are hidden.
    pub turnout: bool,
    /// Whether the poll is unpublished.
    pub draft: bool,
}

impl Draft {
    /// A listed single choice poll with default settings: open from `now`, results after voting.
    #[must_use]
    pub fn asking(question: &str, choices: &[&str], now: Seconds) -> Self {
        Self {
            owner: None,
            question: question.to_owned(),
            description: String::new(),
            choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
            kind: Kind::Single,
            results: ResultsRule::AfterVote,
            opens_at: now,
            closes_at: None,
            zone: "UTC".to_owned(),
            listed: true,
            changeable: false,
            shuffled: false,
            rankings: false,
            countries: Vec::new(),
            mobile_only: false,
            per_account: false,
            turnout: false,
            draft: false,
        }
    }

    fn row(&self) -> poll_row::ActiveModel {
        poll_row::ActiveModel {
            id: NotSet,
            public_id: NotSet,
            owner_id: Set(self.owner),
            question: Set(self.question.clone()),
            description: Set(self.description.clone()),
            kind: Set(self.kind.as_str().to_owned()),
            results: Set(self.results.as_str().to_owned()),
            listed: Set(self.listed),
            opens_at: Set(self.opens_at),
            closes_at: Set(self.closes_at),
            created_at: NotSet,
            max_choices: Set(self.kind.most()),
            draft: Set(self.draft),
            changeable: Set(self.changeable),
            shuffled: Set(self.shuffled),
            rankings: Set(self.rankings),
            countries: Set(self.countries.join(" ")),
            time_zone: Set(self.zone.clone()),
            hidden_reason: NotSet,
            sealing_state: NotSet,
            fingerprint: NotSet,
            mobile_only: Set(self.mobile_only),
            per_account: Set(self.per_account),
            draw_seed: NotSet,
            turnout: Set(self.turnout),
        }
    }
}

/// Inserts a poll and returns its id.
pub async fn insert(
    transaction: &Transaction,
    draft: &Draft,
    now: Seconds,
) -> Result<String, DbErr> {
    let id = new_id();
    insert_as(transaction, &id, draft, now).await?;
    Ok(id)
}

/// Inserts a poll with this id.
///
/// # Errors
/// When the id is taken.
pub async fn insert_as(
    transaction: &Transaction,
    id: &str,
    draft: &Draft,
    now: Seconds,
) -> Result<(), DbErr> {
    let row = poll_row::ActiveModel {
        public_id: Set(id.to_owned()),
        created_at: Set(now),
        draw_seed: Set(Some(Seed::random().to_bytes())),
        ..draft.row()
    };
    let row = row.insert(transaction).await?.id;
    insert_choices(transaction, row, &draft.choices).await?;
    search::index(transaction, row, &draft.question).await
}

/// Updates a poll, in the transaction that checked that it hasn't opened yet.
pub async fn update(transaction: &Transaction, row: i64, draft: &Draft) -> Result<(), DbErr> {
    poll_row::ActiveModel {
        id: Set(row),
        ..draft.row()
    }
    .update(transaction)
    .await?;
    execute(
        transaction,
        "DELETE FROM choice WHERE poll_id = $1",
        [row.into()],
    )
    .await?;
    insert_choices(transaction, row, &draft.choices).await?;
    search::index(transaction, row, &draft.question).await
}

pub(crate) async fn insert_choices(
    transaction: &Transaction,
    poll: i64,
    choices: &[String],
) -> Result<(), DbErr> {
    // A draft may have no choices yet.
    if choices.is_empty() {
        return Ok(());
    }
    let rows = (1..)
        .zip(choices)
        .map(|(position, text)| choice_row::ActiveModel {
            poll_id: Set(poll),
            position: Set(position),
            text: Set(text.clone()),
        });
    choice_row::Entity::insert_many(rows)
        .exec_without_returning(transaction)
        .await
        .map(drop)
}
