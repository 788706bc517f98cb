//! Inserts and updates polls from the organiser's input, and adds their corrections.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, Value,
};

use crate::platform::clock::Seconds;
use crate::platform::db::{Transaction, execute};
use crate::polls::model::draw::Seed;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::{MAX_CORRECTIONS, ResultsRule};
use crate::polls::model::poll_id::new_id;
use crate::polls::store::rows::{choice_row, correction_row, poll_row};
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

/// A correction to add to a poll.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    /// The poll's row.
    pub poll: i64,
    /// The account that must own the poll.
    pub owner: i64,
    /// The text.
    pub text: String,
    /// The identity of the form.
    pub form: Vec<u8>,
}

/// Adds a correction to an open poll, in the transaction that locked its row. Returns `false` if
/// the poll isn't open or isn't the owner's, has three corrections, or has got one by this form.
pub async fn correct(
    transaction: &Transaction,
    new: NewCorrection,
    now: Seconds,
) -> Result<bool, DbErr> {
    let corrections = "(SELECT COUNT(*) FROM correction WHERE poll_id = poll.id)";
    let sql = format!(
        "INSERT INTO correction (poll_id, position, text, created_at, form)
         SELECT id, {corrections} + 1, $2, $3, $4 FROM poll
         WHERE id = $1 AND owner_id = $5 AND NOT draft AND sealing_state = 'not_started'
         AND opens_at <= $3 AND (closes_at IS NULL OR closes_at > $3) AND {corrections} < {MAX_CORRECTIONS}
         ON CONFLICT DO NOTHING"
    );
    let values: [Value; 5] = [
        new.poll.into(),
        new.text.into(),
        now.into(),
        new.form.into(),
        new.owner.into(),
    ];
    Ok(execute(transaction, &sql, values).await? == 1)
}

/// Whether this form has added a correction to a poll.
pub async fn has_corrected(
    transaction: &Transaction,
    poll: i64,
    form: &[u8],
) -> Result<bool, DbErr> {
    let added = correction_row::Entity::find()
        .filter(correction_row::Column::PollId.eq(poll))
        .filter(correction_row::Column::Form.eq(form));
    Ok(added.count(transaction).await? > 0)
}
