//! Inserts and rewrites polls from what an organiser typed.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait};

use crate::platform::clock::Seconds;
use crate::platform::db::{Transaction, execute};
use crate::polls::model::poll::{Kind, ResultsRule};
use crate::polls::model::poll_id::new_id;
use crate::polls::store::rows::{choice_row, poll_row};
use crate::polls::store::search;

/// What a poll is made of.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The account that runs it.
    pub owner: Option<i64>,
    /// What is asked.
    pub question: String,
    /// More about it; may be empty.
    pub description: String,
    /// What can be chosen, in order.
    pub choices: Vec<String>,
    /// How it is voted in.
    pub kind: Kind,
    /// Who may see the results, and when.
    pub results: ResultsRule,
    /// When voting begins.
    pub opens_at: Seconds,
    /// When voting ends.
    pub closes_at: Option<Seconds>,
    /// The organiser's time zone.
    pub zone: String,
    /// Whether it is in the lists.
    pub listed: bool,
    /// Whether a ballot may be changed.
    pub changeable: bool,
    /// Whether each voter has an order of the choices of their own.
    pub shuffled: bool,
    /// Whether whole rankings are published.
    pub rankings: bool,
    /// The calling codes whose numbers may vote; empty for all.
    pub countries: Vec<String>,
    /// Whether numbers of landlines have no vote.
    pub mobile_only: bool,
    /// Whether an account has one vote, too, whatever numbers it has.
    pub per_account: bool,
    /// Whether its owner is still writing it.
    pub draft: bool,
}

impl Draft {
    /// The plainest poll: listed, one choice each, open from `now` on, with results for whoever has voted.
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
            draft: false,
        }
    }

    fn row(&self) -> poll_row::ActiveModel {
        let most = if let Kind::Multiple { most } = self.kind {
            most
        } else {
            1
        };
        poll_row::ActiveModel {
            id: NotSet,
            public_id: NotSet,
            owner_id: Set(self.owner),
            question: Set(self.question.clone()),
            description: Set(self.description.clone()),
            kind: Set(self.kind.word().to_owned()),
            results: Set(self.results.word().to_owned()),
            listed: Set(self.listed),
            opens_at: Set(self.opens_at),
            closes_at: Set(self.closes_at),
            created_at: NotSet,
            max_choices: Set(most),
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
        }
    }
}

/// Makes a poll, within a transaction, and tells its id.
pub async fn insert(
    transaction: &Transaction,
    draft: &Draft,
    now: Seconds,
) -> Result<String, DbErr> {
    let id = new_id();
    insert_as(transaction, &id, draft, now).await?;
    Ok(id)
}

/// Makes a poll of this id, within a transaction.
///
/// # Errors
/// When there is one of this id, or the database fails.
pub async fn insert_as(
    transaction: &Transaction,
    id: &str,
    draft: &Draft,
    now: Seconds,
) -> Result<(), DbErr> {
    let row = poll_row::ActiveModel {
        public_id: Set(id.to_owned()),
        created_at: Set(now),
        ..draft.row()
    };
    let row = row.insert(transaction).await?.id;
    insert_choices(transaction, row, &draft.choices).await?;
    search::index(transaction, row, &draft.question).await
}

/// Writes a poll anew, within the transaction in which it was seen not to be open yet.
pub async fn rewrite(transaction: &Transaction, row: i64, draft: &Draft) -> Result<(), DbErr> {
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
    // A draft may have none yet.
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
