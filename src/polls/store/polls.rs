//! The tables of polls, and what is asked of them. Ballots are written by `batch` alone.

pub mod poll_row {
    //! A poll.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "poll")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub public_id: String,
        pub owner_id: Option<i64>,
        pub question: String,
        pub description: String,
        pub kind: String,
        pub results: String,
        pub listed: bool,
        pub opens_at: i64,
        pub closes_at: Option<i64>,
        pub created_at: i64,
        pub max_choices: i64,
        pub draft: bool,
        pub changeable: bool,
        pub shuffled: bool,
        pub rankings: bool,
        pub countries: String,
        pub time_zone: String,
        pub hidden_reason: Option<String>,
        pub sealing_state: String,
        pub fingerprint: Option<String>,
        pub mobile_only: bool,
        pub per_account: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod choice_row {
    //! A choice of a poll.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "choice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub poll_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder,
};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute};
use crate::polls::model::poll::{Choice, Kind, Poll, ResultsRule, State};
use crate::polls::model::poll_id::{is_id, new_id};
use crate::polls::store::search;

/// A poll with what no page shows to everybody.
#[derive(Clone, Debug)]
pub struct StoredPoll {
    /// The row number, which no page shows.
    pub row: i64,
    /// The account that runs it.
    pub owner: Option<i64>,
    /// Why an administrator took it down.
    pub hidden_reason: Option<String>,
    /// Whether its ballot box is shut for good: no vote is under way, and none comes.
    pub shut: bool,
    /// Whether its ballots have been rewritten after the close.
    pub sealed: bool,
    /// The SHA-256 of its recount bundle, once it is sealed.
    pub fingerprint: Option<String>,
    /// The poll.
    pub poll: Poll,
}

/// The `sealing_state` of a poll that takes votes, or would if it were open.
const NOT_STARTED: &str = "not_started";
/// The `sealing_state` of a poll whose ballots have been rewritten. Between the two it is `shut`.
const SEALED: &str = "sealed";

impl StoredPoll {
    fn from_row(row: poll_row::Model, choices: Vec<Choice>, now: Seconds) -> Result<Self, DbErr> {
        let unknown = |what: &str| DbErr::Type(format!("a poll's {what} is none that we know"));
        let state = State::of(row.draft, row.opens_at, row.closes_at, now);
        let poll = Poll {
            kind: Kind::of(&row.kind, row.max_choices).ok_or_else(|| unknown("kind"))?,
            results: ResultsRule::of(&row.results).ok_or_else(|| unknown("results rule"))?,
            countries: row
                .countries
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            id: row.public_id,
            question: row.question,
            description: row.description,
            choices,
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
        };
        Ok(Self {
            row: row.id,
            owner: row.owner_id,
            hidden_reason: row.hidden_reason,
            shut: row.sealing_state != NOT_STARTED,
            sealed: row.sealing_state == SEALED,
            fingerprint: row.fingerprint,
            poll,
        })
    }

    /// The same, where it stands at this time.
    #[must_use]
    pub fn at(mut self, now: Seconds) -> Self {
        if self.poll.state != State::Draft {
            self.poll.state = State::at(self.poll.opens_at, self.poll.closes_at, now);
        }
        self
    }

    /// Whether it is there for whoever does not run it.
    #[must_use]
    pub fn public(&self) -> bool {
        self.poll.state != State::Draft && self.hidden_reason.is_none()
    }
}

/// The poll of this id.
///
/// # Errors
/// When the database fails, or the row is none of ours.
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
    StoredPoll::from_row(row, choices, now).map(Some)
}

/// Whether there is no poll yet.
pub async fn none_yet(db: &Db) -> Result<bool, DbErr> {
    Ok(poll_row::Entity::find().count(db.read()).await? == 0)
}

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

async fn insert_choices(
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
