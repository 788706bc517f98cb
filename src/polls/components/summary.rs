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
mod tests {
    use super::*;
    use crate::polls::model::counting::count::{Row, Standing};

    fn count(kind: Kind, ballots: i64, rows: &[(&str, i64, bool)]) -> Count {
        let rows = (1..).zip(rows).map(|(position, (text, votes, leads))| Row {
            position,
            text: (*text).to_owned(),
            votes: *votes,
            percent: 0,
            leads: *leads,
        });
        Count {
            kind,
            ballots,
            version: ballots,
            rows: rows.collect(),
            rounds: Vec::new(),
        }
    }

    #[test]
    fn the_first_and_those_level_with_it_are_named() {
        let one = count(Kind::Single, 3, &[("Yes", 2, true), ("No", 1, false)]);
        assert_eq!(verdict(&one, false), "“Yes” is ahead, with 2 votes.");
        assert_eq!(verdict(&one, true), "“Yes” has the most votes: 2.");
        assert_eq!(turnout(&one, false), "3 votes so far");
        let level = count(
            Kind::Multiple { most: 2 },
            1,
            &[("Yes", 1, true), ("No", 1, true), ("Maybe", 0, false)],
        );
        assert_eq!(
            verdict(&level, false),
            "“Yes” and “No” are tied, with 1 vote each."
        );
        assert_eq!(
            verdict(&level, true),
            "“Yes” and “No” have the most votes: 1 each."
        );
        assert_eq!(turnout(&level, true), "1 voter, 2 votes");
        let none = count(Kind::Ranked, 0, &[("Yes", 0, false)]);
        assert_eq!(
            (verdict(&none, false), verdict(&none, true)),
            (
                "No votes to show yet.".to_owned(),
                "No votes were cast.".to_owned()
            )
        );
    }

    #[test]
    fn a_run_off_is_won_in_a_round() {
        let mut won = count(
            Kind::Ranked,
            100,
            &[("Memphis", 42, false), ("Knoxville", 17, true)],
        );
        let standing = |choice, votes| Standing {
            choice,
            votes,
            gained: 0,
        };
        let last = Round {
            standing: vec![standing(1, 42), standing(2, 58)],
            ..Round::default()
        };
        won.rounds = vec![Round::default(), Round::default(), last];
        assert_eq!(
            verdict(&won, true),
            "“Knoxville” wins after 3 rounds, with 58 of 100 votes."
        );
        assert_eq!(
            verdict(&won, false),
            "“Knoxville” leads after 3 rounds, with 58 of 100 votes."
        );
        let mut level = count(
            Kind::Ranked,
            2,
            &[("Memphis", 1, true), ("Knoxville", 1, true)],
        );
        level.rounds = vec![Round {
            standing: vec![standing(1, 1), standing(2, 1)],
            ..Round::default()
        }];
        assert_eq!(
            verdict(&level, true),
            "“Memphis” and “Knoxville” tie for first: each has 1 vote after one round."
        );
    }
}
