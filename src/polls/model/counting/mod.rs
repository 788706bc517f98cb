//! Counting: from what was voted to what is shown. Pure, and the only place where it is done.
//!
//! A single choice is counted by votes, several by votes as well, and rankings by instant run-off: in each round a ballot counts for
//! the best of its choices that are still in. Who has more than half of the ballots that still count wins; otherwise the last one is
//! out, and its ballots go on. The rules for ties need no chance, and are told on the page: see [`ranked::TIE_RULE`].

pub mod choices;
pub mod count;
pub mod ranked;

use crate::polls::model::counting::choices::{by_choice, most};
use crate::polls::model::counting::count::{Count, Row, Tally, shares};
use crate::polls::model::counting::ranked::{ranked, winners};
use crate::polls::model::poll::{Choice, Kind, Poll};

/// Counts a poll.
#[must_use]
pub fn count(poll: &Poll, tally: &Tally) -> Count {
    count_choices(poll.kind, &poll.choices, tally)
}

/// Counts what was said about choices, which are in the order of their positions.
#[must_use]
pub fn count_choices(kind: Kind, choices: &[Choice], tally: &Tally) -> Count {
    let (votes, rounds) = match kind {
        Kind::Single | Kind::Multiple { .. } => (by_choice(choices, tally), Vec::new()),
        Kind::Ranked => ranked(choices, tally),
    };
    let leading = if let Some(last) = rounds.last() {
        winners(last)
    } else {
        most(choices, &votes)
    };
    let rows = choices
        .iter()
        .zip(&votes)
        .zip(shares(&votes))
        .map(|((choice, &votes), percent)| Row {
            position: choice.position,
            text: choice.text.clone(),
            votes,
            percent,
            leads: leading.contains(&choice.position),
        });
    Count {
        kind,
        ballots: tally.ballots,
        version: tally.version(),
        rows: rows.collect(),
        rounds,
    }
}

#[cfg(test)]
mod tests;
