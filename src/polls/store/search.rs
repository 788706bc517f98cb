//! Lists and searches polls, page by page.
//!
//! Only the first pages are reached by an offset; later ones continue after the last poll of the
//! previous page, so the cost of a page doesn't grow with the number of polls. A search uses an
//! index of terms; its cost depends on how many polls contain the longest one, up to a full page.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute, statement};
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::ResultsRule;
use crate::polls::store::rows::poll_row;
use crate::polls::store::search_terms::{indexed, wanted};

/// Rows per statement.
const AT_ONCE: usize = 100;
/// The row of `setting` with the version of the terms, to be raised whenever they change.
const INDEX_VERSION: (&str, &str) = ("search terms", "2");

/// Filter and page of a list of polls.
#[derive(Clone, Debug)]
pub struct Which {
    /// List closed polls instead of open ones.
    pub closed: bool,
    /// List those first that close first. Only for open polls without a search.
    pub closing_first: bool,
    /// Only polls whose question contains words with these prefixes.
    pub search: Option<String>,
    /// Only polls that follow the poll with this id.
    pub after: Option<String>,
    /// The offset.
    pub skip: usize,
    /// The maximum number of polls.
    pub limit: usize,
}

/// A poll in a list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Found {
    /// The row id.
    pub id: i64,
    /// The public id, as used in the URL.
    pub public_id: String,
    /// The question.
    pub question: String,
    /// When voting begins.
    pub opens_at: Seconds,
    /// When voting ends.
    pub closes_at: Option<Seconds>,
    /// The time zone in which the organiser entered these times.
    #[sea_orm(from_alias = "time_zone")]
    pub zone: String,
    kind: String,
    max_choices: i64,
    results: String,
    /// The number of votes, if everyone may see it.
    #[sea_orm(skip)]
    pub votes: Option<i64>,
}

impl Found {
    /// Returns the voting method.
    ///
    /// # Errors
    /// When it is unknown to this version.
    pub fn kind(&self) -> Result<Kind, DbErr> {
        poll_row::kind(&self.kind, self.max_choices)
    }

    /// Returns who may see the results.
    pub(super) fn results(&self) -> Result<ResultsRule, DbErr> {
        poll_row::results(&self.results)
    }
}

/// The columns of [`Found`].
const COLUMNS: &str = "poll.id, poll.public_id, poll.question, poll.opens_at, poll.closes_at, poll.time_zone, poll.kind, poll.max_choices, poll.results";
/// Condition for polls that are in lists.
const PUBLIC: &str = "poll.listed = TRUE AND NOT poll.draft AND poll.hidden_reason IS NULL";

/// Condition for open polls. [`CLOSED`] and [`JUST_CLOSED`] (not sealed yet) are those for closed
/// polls. The `+ 0` keeps SQLite from using an index on `closes_at`, so that it finds the newest
/// polls by their own index.
const OPEN: &str = "poll.sealing_state = 'not_started' AND poll.opens_at <= $1 AND (poll.closes_at IS NULL OR poll.closes_at > $1)";
/// See [`OPEN`].
const CLOSED: &str = "poll.sealing_state = 'sealed' AND poll.closes_at + 0 <= $1";
/// See [`OPEN`].
const JUST_CLOSED: &str = "poll.sealing_state IN ('not_started', 'shut') AND poll.closes_at <= $1";

/// When a poll closes, as in the index `poll_closing`; the largest number without a closing time.
const CLOSES: &str = "COALESCE(poll.closes_at, 9223372036854775807)";

/// Lists public polls, newest first or those first that close first.
pub async fn list(
    db: &impl ConnectionTrait,
    which: &Which,
    now: Seconds,
) -> Result<Vec<Found>, DbErr> {
    let find = async |state| {
        Found::find_by_statement(part(db, which, state, now))
            .all(db)
            .await
    };
    let mut found = if which.closing_first {
        let closing = Found::find_by_statement(closing(db, which, now));
        closing.all(db).await?
    } else {
        find(if which.closed { CLOSED } else { OPEN }).await?
    };
    if which.closing_first {
        found.sort_by_key(|poll| (poll.closes_at.unwrap_or(Seconds::MAX), poll.id));
    } else if which.closed {
        found.extend(find(JUST_CLOSED).await?);
        found.sort_unstable_by_key(|poll| std::cmp::Reverse(poll.id));
    }
    Ok(found
        .into_iter()
        .skip(which.skip)
        .take(which.limit)
        .collect())
}

/// Query for open polls in the order in which they close; of those that close together, the oldest
/// is first. SQLite finds no place in an index by a pair with an expression, so polls that close
/// together with the last one are a query of their own.
fn closing(db: &impl ConnectionTrait, which: &Which, now: Seconds) -> Statement {
    let query = |place: &str, order: &str| {
        format!(
            "SELECT {COLUMNS} FROM poll WHERE poll.sealing_state = 'not_started' AND poll.opens_at <= $1 AND {place} AND {PUBLIC}
             ORDER BY {order} LIMIT {}",
            which.skip + which.limit
        )
    };
    let order = format!("{CLOSES}, poll.id");
    let Some(after) = &which.after else {
        let sql = query(&format!("{CLOSES} > $1"), &order);
        return statement(db, &sql, [now.into()]);
    };
    // If that poll is gone, the list starts from the beginning. The `+ 0` leaves the index to the
    // other condition.
    let last = |column| format!("COALESCE((SELECT {column} FROM poll WHERE public_id = $2), 0)");
    let (closes, id) = (last(CLOSES), last("poll.id"));
    let open = format!("{CLOSES} + 0 > $1");
    let together = format!("{open} AND {CLOSES} = {closes} AND poll.id > {id}");
    let later = format!("{open} AND {CLOSES} > {closes}");
    let sql = format!(
        "SELECT * FROM ({}) AS together UNION ALL SELECT * FROM ({}) AS later",
        query(&together, "poll.id"),
        query(&later, &order)
    );
    statement(db, &sql, [Value::from(now), after.as_str().into()])
}

fn part(db: &impl ConnectionTrait, which: &Which, state: &str, now: Seconds) -> Statement {
    let mut values: Vec<Value> = vec![now.into()];
    let (mut tables, mut key) = ("poll", "poll.id");
    let mut conditions = vec![state.to_owned(), PUBLIC.to_owned()];
    if let Some(search) = &which.search {
        (tables, key) = (
            "poll_word JOIN poll ON poll.id = poll_word.poll_id",
            "poll_word.poll_id",
        );
        let (words, held) = holding(search, values.len());
        conditions.push(words);
        values.extend(held);
    }
    if state == JUST_CLOSED {
        // There are few of them, so filter first; `+ 0` keeps SQLite from walking all ids.
        key = "poll.id + 0";
    }
    if let Some(after) = &which.after {
        values.push(after.as_str().into());
        // If that poll is gone, the list starts from the beginning.
        conditions.push(format!(
            "{key} < COALESCE((SELECT id FROM poll WHERE public_id = ${}), {})",
            values.len(),
            i64::MAX
        ));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM {tables} WHERE {} ORDER BY {key} DESC LIMIT {}",
        conditions.join(" AND "),
        which.skip + which.limit
    );
    statement(db, &sql, values)
}

/// Returns a condition on `poll_word` that matches each poll whose question has words with these
/// prefixes exactly once, and its values. `before` is the number of values that precede them.
#[must_use]
pub fn holding(search: &str, before: usize) -> (String, Vec<Value>) {
    let words = wanted(search);
    let holds = |number: usize| match number - before {
        // Start with the longest word, which occurs in the fewest polls.
        1 => format!("poll_word.prefix = ${number}"),
        _ => format!(
            "EXISTS (SELECT 1 FROM poll_word AS other WHERE other.prefix = ${number} AND other.poll_id = poll_word.poll_id)"
        ),
    };
    let conditions: Vec<String> = (before + 1..=before + words.len()).map(holds).collect();
    let condition = if words.is_empty() {
        "FALSE".to_owned()
    } else {
        conditions.join(" AND ")
    };
    (condition, words.into_iter().map(Value::from).collect())
}

/// Replaces the search index entries of a poll.
pub async fn index(db: &impl ConnectionTrait, poll: i64, question: &str) -> Result<(), DbErr> {
    execute(
        db,
        "DELETE FROM poll_word WHERE poll_id = $1",
        [poll.into()],
    )
    .await?;
    let terms: Vec<String> = indexed(question).into_iter().collect();
    for some in terms.chunks(AT_ONCE) {
        let rows: Vec<String> = (2..some.len() + 2)
            .map(|number| format!("(${number}, $1)"))
            .collect();
        let values =
            std::iter::once(poll.into()).chain(some.iter().map(|term| term.as_str().into()));
        execute(
            db,
            &format!(
                "INSERT INTO poll_word (prefix, poll_id) VALUES {}",
                rows.join(", ")
            ),
            values,
        )
        .await?;
    }
    Ok(())
}

/// Indexes all polls again if that was not done since the terms last changed; it may be run again
/// after an interruption.
pub async fn fill(db: &Db) -> Result<(), DbErr> {
    let done = "SELECT 1 FROM setting WHERE name = $1 AND value = $2";
    let marker = || [Value::from(INDEX_VERSION.0), INDEX_VERSION.1.into()];
    let done = statement(db.write(), done, marker());
    if db.write().query_one_raw(done).await?.is_some() {
        return Ok(());
    }
    let mut after = 0;
    loop {
        let sql =
            format!("SELECT id, question FROM poll WHERE id > $1 ORDER BY id LIMIT {AT_ONCE}");
        let found = statement(db.write(), &sql, [after.into()]);
        let found = db.write().query_all_raw(found).await?;
        if found.is_empty() {
            break;
        }
        let transaction = db.begin().await?;
        for row in found {
            after = row.try_get("", "id")?;
            let question: String = row.try_get("", "question")?;
            index(&transaction, after, &question).await?;
        }
        transaction.commit().await?;
    }
    let sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    execute(db.write(), sql, marker()).await.map(drop)
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
