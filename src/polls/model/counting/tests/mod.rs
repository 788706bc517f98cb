//! Tests counting against known elections and against a slow, simple second implementation.

mod motions;
mod pairs;
mod random_elections;
mod random_ratings;
mod ratings;
mod real_elections;
mod run_off;
mod scottish_rules;
mod seats;
mod shares;
mod ties;

use std::collections::BTreeMap;

use crate::polls::model::counting::count::{Count, Tally};
use crate::polls::model::counting::counted;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::{Choice, Poll};
use crate::polls::model::selection::Selection;

fn poll(kind: Kind, texts: &[&str]) -> Poll {
    let choices = (1..)
        .zip(texts)
        .map(|(position, text)| Choice {
            position,
            text: (*text).to_owned(),
        })
        .collect();
    Poll {
        id: "poll".to_owned(),
        question: String::new(),
        description: String::new(),
        kind,
        results: crate::polls::model::poll::ResultsRule::Always,
        choices,
        opens_at: 0,
        closes_at: None,
        zone: "UTC".to_owned(),
        state: crate::polls::model::poll::State::Open,
        listed: true,
        changeable: false,
        shuffled: false,
        rankings: false,
        countries: Vec::new(),
        mobile_only: false,
        per_account: false,
        draw: None,
        turnout: false,
        corrections: Vec::new(),
    }
}

/// Counts a poll whose draw isn't made.
fn count(poll: &Poll, tally: &Tally) -> Count {
    counted::count(poll, tally, None)
}

/// Builds a tally from selections as text and the number of ballots for each.
fn tally(ballots: &[(&str, i64)]) -> Tally {
    let mut votes: Vec<_> = ballots
        .iter()
        .map(|(text, times)| (Selection::read(text).unwrap(), *times))
        .collect();
    votes.sort();
    Tally {
        ballots: ballots.iter().map(|(_, times)| times).sum(),
        changes: 0,
        votes,
    }
}

/// A poll with as many choices, named by their positions, and the tally of these ballots.
fn cast(kind: Kind, choices: i64, ballots: &[Vec<i64>], drawn: bool) -> (Poll, Tally) {
    let names: Vec<String> = (1..=choices).map(|choice| choice.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut poll = poll(kind, &names);
    poll.draw = drawn.then(|| "seed".to_owned());
    let mut times = BTreeMap::<String, i64>::new();
    for ballot in ballots {
        let ballot: Vec<String> = ballot.iter().map(ToString::to_string).collect();
        *times.entry(ballot.join(">")).or_default() += 1;
    }
    let times: Vec<(&str, i64)> = times
        .iter()
        .map(|(ballot, times)| (ballot.as_str(), *times))
        .collect();
    (poll, tally(&times))
}

fn leading(count: &Count) -> Vec<&str> {
    count
        .rows
        .iter()
        .filter(|row| row.leads)
        .map(|row| row.text.as_str())
        .collect()
}
