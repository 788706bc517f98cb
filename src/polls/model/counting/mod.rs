//! Counts tallies. Pure functions, and the only place where votes are counted.
//!
//! Single and multiple choice polls are counted by votes, rankings by instant run-off: in each
//! round a ballot counts for its highest ranked choice still standing. A choice with more than half
//! of the remaining ballots wins; otherwise the last one is eliminated and its ballots are
//! transferred. Ties are broken without chance, by the rule shown on the results page: see
//! [`ranked::TIE_RULE`].

pub mod choices;
pub mod count;
pub mod ranked;
pub mod share;
pub mod standing;

use crate::polls::model::counting::choices::{by_choice, most};
use crate::polls::model::counting::count::{Count, Row, Tally};
use crate::polls::model::counting::ranked::{ranked, winners};
use crate::polls::model::counting::share::Share;
use crate::polls::model::poll::{Choice, Kind, Poll};

/// Counts a poll.
#[must_use]
pub fn count(poll: &Poll, tally: &Tally) -> Count {
    count_choices(poll.kind, &poll.choices, tally)
}

/// Counts a tally over these choices, which must be sorted by position.
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
    let rows = choices.iter().zip(&votes).map(|(choice, &votes)| Row {
        position: choice.position,
        text: choice.text.clone(),
        votes,
        percent: Share::of(votes, tally.ballots),
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
