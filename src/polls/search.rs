//! Finding polls: by their words, by where they stand, page by page.
//!
//! A page is found by the row number at which the last one ended, never by counting from the start, and a search looks the words up
//! in an index of their beginnings: both cost the same however many polls there are.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::clock::Seconds;
use crate::db::{execute, statement};

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
    /// Only those older than the poll of this row number.
    pub before: Option<i64>,
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
}

/// Lists polls that anybody may find, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &impl ConnectionTrait, which: &Which, now: Seconds) -> Result<Vec<Found>, DbErr> {
    if !which.closed {
        return part(db, which, "NOT poll.sealed AND poll.opens_at <= $1 AND (poll.closes_at IS NULL OR poll.closes_at > $1)", now).await;
    }
    // What has just closed is sealed a moment later.
    let mut found = part(db, which, "poll.sealed AND poll.closes_at <= $1", now).await?;
    found.extend(part(db, which, "NOT poll.sealed AND poll.closes_at <= $1", now).await?);
    found.sort_unstable_by_key(|poll| std::cmp::Reverse(poll.id));
    found.truncate(which.limit);
    Ok(found)
}

async fn part(db: &impl ConnectionTrait, which: &Which, state: &str, now: Seconds) -> Result<Vec<Found>, DbErr> {
    let mut values: Vec<Value> = vec![now.into()];
    let mut value = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let (mut tables, mut key) = ("poll", "poll.id");
    let mut conditions = vec![state.to_owned(), "poll.listed AND NOT poll.draft AND poll.hidden_reason IS NULL".to_owned()];
    if let Some(search) = &which.search {
        let words = wanted(search);
        let Some((first, others)) = words.split_first() else { return Ok(Vec::new()) };
        // The longest word leads: it is on the fewest polls.
        (tables, key) = ("poll_word JOIN poll ON poll.id = poll_word.poll_id", "poll_word.poll_id");
        conditions.push(format!("poll_word.beginning = {}", value(first.as_str().into())));
        conditions.extend(others.iter().map(|other| {
            let other = value(other.as_str().into());
            format!("EXISTS (SELECT 1 FROM poll_word AS other WHERE other.beginning = {other} AND other.poll_id = poll.id)")
        }));
    }
    if let Some(before) = which.before {
        conditions.push(format!("{key} < {}", value(before.into())));
    }
    let columns = "poll.id, poll.public_id, poll.question, poll.opens_at, poll.closes_at";
    let sql = format!("SELECT {columns} FROM {tables} WHERE {} ORDER BY {key} DESC LIMIT {}", conditions.join(" AND "), which.limit);
    Found::find_by_statement(statement(db, &sql, values)).all(db).await
}

/// The words of a text, as they are compared: in lower case, letters and digits alone.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
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
    let ends = |word: &str| word.char_indices().map(|(start, sign)| start + sign.len_utf8()).collect::<Vec<_>>();
    words(text).iter().flat_map(|word| ends(word).into_iter().map(|end| word[..end].to_owned())).collect()
}

/// A condition on polls whose questions have words that begin like these, and its values; so many values come before.
#[must_use]
pub fn holding(search: &str, before: usize) -> (String, Vec<Value>) {
    let words = wanted(search);
    if words.is_empty() {
        return ("FALSE".to_owned(), Vec::new());
    }
    let holds =
        |number: usize| format!("EXISTS (SELECT 1 FROM poll_word WHERE poll_word.beginning = ${number} AND poll_word.poll_id = poll.id)");
    let conditions: Vec<String> = (before + 1..=before + words.len()).map(holds).collect();
    (conditions.join(" AND "), words.into_iter().map(Value::from).collect())
}

/// Makes a poll be found by the words of its question, and by no others.
///
/// # Errors
/// When the database fails.
pub async fn index(db: &impl ConnectionTrait, poll: i64, question: &str) -> Result<(), DbErr> {
    execute(db, "DELETE FROM poll_word WHERE poll_id = $1", [poll.into()]).await?;
    let beginnings: Vec<String> = beginnings(question).into_iter().collect();
    for some in beginnings.chunks(AT_ONCE) {
        let rows: Vec<String> = (2..some.len() + 2).map(|number| format!("(${number}, $1)")).collect();
        let values = std::iter::once(poll.into()).chain(some.iter().map(|beginning| beginning.as_str().into()));
        execute(db, &format!("INSERT INTO poll_word (beginning, poll_id) VALUES {}", rows.join(", ")), values).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginnings_in_any_script() {
        assert_eq!(beginnings("Up, up!").into_iter().collect::<Vec<_>>(), ["u", "up"]);
        assert!(beginnings("Größe der Hunde?").contains("größ"));
        assert!(beginnings("Что нового?").contains("нов"));
        assert!(beginnings("?!").is_empty());
    }

    #[test]
    fn the_longest_word_of_a_search_leads() {
        assert_eq!(wanted("a kind of DOG"), ["kind", "dog", "of", "a"]);
        assert_eq!(wanted("a b c d e f g h i j").len(), WORDS);
    }
}
