//! Finding polls: by their words, by where they stand, page by page.
//!
//! A page is found by the poll with which the last one ended, and only the first few by counting from the start, so it costs the same
//! however many polls there are. A search looks the words up in an index of their beginnings: it costs as much as there are polls with
//! the longest of them, until a page is full.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};

use crate::platform::clock::Seconds;
use crate::platform::db::{execute, statement};

/// How many words of a search are looked for; the longest ones tell the most.
const WORDS: usize = 8;
/// How many rows one statement inserts.
const AT_ONCE: usize = 100;

/// Which polls are listed.
#[derive(Clone, Debug)]
pub struct Which {
    /// The closed ones, instead of the open ones.
    pub closed: bool,
    /// Only those whose question has words that begin like these.
    pub search: Option<String>,
    /// Only those older than the poll of this id.
    pub after: Option<String>,
    /// Of these, not the first so many.
    pub skip: usize,
    /// At most so many.
    pub limit: usize,
}

/// A poll in a list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Found {
    /// The row number.
    pub id: i64,
    /// The id in its address.
    pub public_id: String,
    /// What is asked.
    pub question: String,
    /// When voting begins.
    pub opens_at: Seconds,
    /// When voting ends.
    pub closes_at: Option<Seconds>,
    /// The time zone in which its organiser chose these times.
    #[sea_orm(from_alias = "time_zone")]
    pub zone: String,
}

/// Where a poll stands that is open, that has closed, and that has closed just now: it is sealed a moment later. Written so that
/// SQLite, too, finds the newest of the many by an index, and none of the others: an expression is in no index.
const OPEN: &str = "poll.sealing_state = 'not_started' AND poll.opens_at <= $1 AND (poll.closes_at IS NULL OR poll.closes_at > $1)";
/// See [`OPEN`].
const CLOSED: &str = "poll.sealing_state = 'sealed' AND poll.closes_at + 0 <= $1";
/// See [`OPEN`].
const JUST_CLOSED: &str = "poll.sealing_state IN ('not_started', 'shut') AND poll.closes_at <= $1";

/// Lists polls that anybody may find, newest first.
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
    let mut found = find(if which.closed { CLOSED } else { OPEN }).await?;
    if which.closed {
        found.extend(find(JUST_CLOSED).await?);
        found.sort_unstable_by_key(|poll| std::cmp::Reverse(poll.id));
    }
    Ok(found
        .into_iter()
        .skip(which.skip)
        .take(which.limit)
        .collect())
}

fn part(db: &impl ConnectionTrait, which: &Which, state: &str, now: Seconds) -> Statement {
    let mut values: Vec<Value> = vec![now.into()];
    let (mut tables, mut key) = ("poll", "poll.id");
    let mut conditions = vec![
        state.to_owned(),
        "poll.listed = TRUE AND NOT poll.draft AND poll.hidden_reason IS NULL".to_owned(),
    ];
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
        // They are few, so they come first, and are then compared with everything else.
        key = "poll.id + 0";
    }
    if let Some(after) = &which.after {
        values.push(after.as_str().into());
        // Where that poll is gone, the list begins anew.
        conditions.push(format!(
            "{key} < COALESCE((SELECT id FROM poll WHERE public_id = ${}), {})",
            values.len(),
            i64::MAX
        ));
    }
    let columns =
        "poll.id, poll.public_id, poll.question, poll.opens_at, poll.closes_at, poll.time_zone";
    let sql = format!(
        "SELECT {columns} FROM {tables} WHERE {} ORDER BY {key} DESC LIMIT {}",
        conditions.join(" AND "),
        which.skip + which.limit
    );
    statement(db, &sql, values)
}

/// The words of a text, as they are compared: in lower case, letters and digits alone.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The words that are searched for, the longest first.
fn wanted(text: &str) -> Vec<String> {
    let mut words: Vec<String> = words(text).into_iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.truncate(WORDS);
    words
}

/// Every beginning of every word of a text.
fn beginnings(text: &str) -> BTreeSet<String> {
    let ends = |word: &str| {
        word.char_indices()
            .map(|(start, sign)| start + sign.len_utf8())
            .collect::<Vec<_>>()
    };
    words(text)
        .iter()
        .flat_map(|word| ends(word).into_iter().map(|end| word[..end].to_owned()))
        .collect()
}

/// A condition on rows of `poll_word`, which are then those of polls whose questions have words that begin like these, each poll
/// once; and its values. So many values come before.
#[must_use]
pub fn holding(search: &str, before: usize) -> (String, Vec<Value>) {
    let words = wanted(search);
    let holds = |number: usize| match number - before {
        // The longest word leads: it is on the fewest polls.
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

/// Makes a poll be found by the words of its question, and by no others.
pub async fn index(db: &impl ConnectionTrait, poll: i64, question: &str) -> Result<(), DbErr> {
    execute(
        db,
        "DELETE FROM poll_word WHERE poll_id = $1",
        [poll.into()],
    )
    .await?;
    let beginnings: Vec<String> = beginnings(question).into_iter().collect();
    for some in beginnings.chunks(AT_ONCE) {
        let rows: Vec<String> = (2..some.len() + 2)
            .map(|number| format!("(${number}, $1)"))
            .collect();
        let values = std::iter::once(poll.into())
            .chain(some.iter().map(|beginning| beginning.as_str().into()));
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

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
