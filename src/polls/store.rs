//! The tables of polls, and what is asked of them. Ballots are written by `ballot_box` alone.

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

use data_encoding::{Encoding, Specification};
use leptos::prelude::expect_context;
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Order};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::LazyLock;

use super::poll::{Choice, Poll, State};
use super::show::PollForViewer;
use crate::accounts::store::proved_number;
use crate::accounts::viewer::Viewer;
use crate::clock::{Clock, Seconds};
use crate::db::{Db, statement};
use crate::keys::{Keys, random};
use crate::web::refusal::Refusal;

/// Letters and digits that nobody mistakes for each other when reading an address aloud.
static ALPHABET: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    #[expect(clippy::expect_used, reason = "32 different letters are an alphabet")]
    specification.encoding().expect("32 different letters are an alphabet")
});

/// An id for a poll's address: 50 random bits in ten letters.
fn new_id() -> String {
    let mut id = ALPHABET.encode(&random::<10>());
    id.truncate(10);
    id
}

/// A poll with its row number.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The row number, which no page shows.
    pub row: i64,
    /// The poll.
    pub poll: Poll,
}

/// The poll of this id.
///
/// # Errors
/// When the database fails, or the row is none of ours.
pub async fn find(db: &impl ConnectionTrait, id: &str, now: Seconds) -> Result<Option<Stored>, DbErr> {
    // An id comes out of an address, and may hold anything.
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    let Some(row) = poll_row::Entity::find().filter(poll_row::Column::PublicId.eq(id)).one(db).await? else { return Ok(None) };
    let choices = choice_row::Entity::find().filter(choice_row::Column::PollId.eq(row.id)).order_by_asc(choice_row::Column::Position);
    let choices = choices.all(db).await?.into_iter().map(|choice| Choice { position: choice.position, text: choice.text }).collect();
    Ok(Some(Stored {
        row: row.id,
        poll: Poll {
            id: row.public_id,
            question: row.question,
            description: row.description,
            kind: word(&row.kind)?,
            results: word(&row.results)?,
            choices,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            state: State::at(row.opens_at, row.closes_at, now),
        },
    }))
}

/// A word of a closed set, as it stands in a column.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, DbErr> {
    serde_json::from_value(Value::from(text)).map_err(|error| DbErr::Type(error.to_string()))
}

/// Which polls are listed.
#[derive(Clone, Debug)]
pub struct Which {
    /// The closed ones, instead of the open ones.
    pub closed: bool,
    /// Only those whose question holds this.
    pub search: Option<String>,
    /// Only those older than the poll of this row number.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u64,
}

/// Lists polls, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &impl ConnectionTrait, which: &Which, now: Seconds) -> Result<Vec<poll_row::Model>, DbErr> {
    use poll_row::Column::{ClosesAt, Id, Listed, OpensAt, Question};
    let state = if which.closed {
        Condition::all().add(ClosesAt.lte(now))
    } else {
        Condition::all().add(OpensAt.lte(now)).add(Condition::any().add(ClosesAt.is_null()).add(ClosesAt.gt(now)))
    };
    let mut polls = poll_row::Entity::find().filter(Listed.eq(true)).filter(state);
    if let Some(search) = &which.search {
        let escaped = search.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let question = Expr::expr(sea_orm::sea_query::Func::lower(Expr::col(Question)));
        polls = polls.filter(question.like(LikeExpr::new(format!("%{escaped}%")).escape('\\')));
    }
    if let Some(before) = which.before {
        polls = polls.filter(Id.lt(before));
    }
    polls.order_by(Id, Order::Desc).limit(which.limit).all(db).await
}

/// Whether there is no poll yet.
///
/// # Errors
/// When the database fails.
pub async fn none_yet(db: &Db) -> Result<bool, DbErr> {
    Ok(poll_row::Entity::find().count(db.read()).await? == 0)
}

/// Makes a poll with one choice per ballot, open from `now` on, and tells its id.
///
/// # Errors
/// When the database fails.
pub async fn insert_single(db: &Db, question: &str, choices: &[&str], now: Seconds) -> Result<String, DbErr> {
    use sea_orm::ActiveValue::{NotSet, Set};
    let transaction = db.begin().await?;
    let id = new_id();
    let poll = poll_row::ActiveModel {
        id: NotSet,
        public_id: Set(id.clone()),
        owner_id: Set(None),
        question: Set(question.to_owned()),
        description: Set(String::new()),
        kind: Set("single".to_owned()),
        results: Set("after_vote".to_owned()),
        listed: Set(true),
        opens_at: Set(now),
        closes_at: Set(None),
        created_at: Set(now),
    };
    let poll = poll.insert(&transaction).await?;
    let rows = (1..).zip(choices).map(|(position, text)| choice_row::ActiveModel {
        poll_id: Set(poll.id),
        position: Set(position),
        text: Set((*text).to_owned()),
    });
    choice_row::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Whether a mark is among those of a poll.
///
/// # Errors
/// When the database fails.
pub async fn has_voted(db: &impl ConnectionTrait, poll: i64, voter: &[u8]) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM participation WHERE poll_id = $1 AND voter = $2";
    let statement = statement(db, sql, [poll.into(), voter.to_vec().into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}

#[derive(FromQueryResult)]
struct Tally {
    key: String,
    votes: i64,
}

/// The name under which a poll's tally keeps the number of ballots.
pub const BALLOTS: &str = "ballots";

/// The tally of a poll: pairs of a choice's position and its votes, and the number of ballots.
///
/// # Errors
/// When the database fails.
pub async fn tally(db: &impl ConnectionTrait, poll: i64) -> Result<(Vec<(i64, i64)>, i64), DbErr> {
    let sql = "SELECT key, votes FROM tally WHERE poll_id = $1";
    let statement = statement(db, sql, [poll.into()]);
    let rows = Tally::find_by_statement(statement).all(db).await?;
    let ballots = rows.iter().find(|row| row.key == BALLOTS).map_or(0, |row| row.votes);
    Ok((rows.iter().filter_map(|row| Some((row.key.parse().ok()?, row.votes))).collect(), ballots))
}

/// A poll as the viewer of this request sees it, with its row number.
#[derive(Clone, Debug)]
pub struct ForViewer {
    /// The row number, which no page shows.
    pub row: i64,
    /// What the viewer sees.
    pub seen: PollForViewer,
}

/// The poll of this id, as the viewer of this request sees it.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn for_viewer(id: &str) -> Result<ForViewer, Refusal> {
    let (db, keys, now) = (expect_context::<Db>(), expect_context::<Keys>(), expect_context::<Clock>().now());
    let stored = find(db.read(), id, now).await?.ok_or(Refusal::NotFound)?;
    let voted = match Viewer::now() {
        Viewer::Verified(person) => match proved_number(&db, &keys, person.id).await? {
            Some(number) => has_voted(db.read(), stored.row, &keys.voter(&stored.poll.id, &number)).await?,
            None => false,
        },
        Viewer::Anonymous | Viewer::LoggedIn(_) => false,
    };
    Ok(ForViewer { row: stored.row, seen: PollForViewer { poll: stored.poll, voted } })
}
