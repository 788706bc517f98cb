//! The results in words: turnout and verdict.

use crate::polls::model::counting::count::{Count, Round};
use crate::polls::model::poll::Kind;

/// Describes the turnout: `7 votes so far`, or `7 voters, 12 votes so far` if a ballot may hold
/// several.
#[must_use]
pub fn turnout(count: &Count, closed: bool) -> String {
    let so_far = if closed { "" } else { " so far" };
    match count.kind {
        Kind::Multiple { .. } => format!(
            "{}, {}{so_far}",
            of(count.ballots, "voter"),
            of(count.votes(), "vote")
        ),
        Kind::Ranked => format!("{}{so_far}, by first choice", of(count.ballots, "vote")),
        Kind::Single => format!("{}{so_far}", of(count.ballots, "vote")),
    }
}

/// Describes in one sentence who has won, or is ahead.
#[must_use]
pub fn verdict(count: &Count, closed: bool) -> String {
    let leading: Vec<&str> = count
        .rows
        .iter()
        .filter(|row| row.leads)
        .map(|row| row.text.as_str())
        .collect();
    let votes = count
        .rows
        .iter()
        .find(|row| row.leads)
        .map_or(0, |row| row.votes);
    match (leading.as_slice(), count.rounds.last()) {
        ([], _) if closed => "No votes were cast.".to_owned(),
        ([], _) => "No votes to show yet.".to_owned(),
        ([one], Some(last)) => {
            let wins = if closed { "wins" } else { "leads" };
            format!(
                "“{one}” {wins} {}, with {}.",
                in_round(count.rounds.len()),
                out_of(last)
            )
        }
        (several, Some(last)) => {
            let win = if closed {
                "tie for first"
            } else {
                "are tied for first"
            };
            let each = last.standing.first().map_or(0, |standing| standing.votes);
            format!(
                "{} {win}: each has {} {}.",
                list(several),
                of(each, "vote"),
                in_round(count.rounds.len())
            )
        }
        ([one], None) if closed => format!("“{one}” has the most votes: {votes}."),
        ([one], None) => format!("“{one}” is ahead, with {}.", of(votes, "vote")),
        (several, None) if closed => {
            format!("{} have the most votes: {votes} each.", list(several))
        }
        (several, None) => format!(
            "{} are tied, with {} each.",
            list(several),
            of(votes, "vote")
        ),
    }
}

fn in_round(number: usize) -> String {
    if number == 1 {
        "after one round".to_owned()
    } else {
        format!("after {number} rounds")
    }
}

fn out_of(last: &Round) -> String {
    let most = last
        .standing
        .iter()
        .map(|standing| standing.votes)
        .max()
        .unwrap_or(0);
    format!("{most} of {}", of(last.votes(), "vote"))
}

/// Quotes and joins texts: `“A”, “B” and “C”`.
pub(crate) fn list(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("“{text}”")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Formats a count with its unit: `1 vote`, `7 votes`.
pub(crate) fn of(count: i64, unit: &str) -> String {
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
