//! Adds up ratings. Choices with the same highest total share the win.

use crate::polls::model::kind::{Kind, MOST_POINTS};

#[cfg(feature = "ssr")]
use {
    crate::polls::model::counting::choices::index, crate::polls::model::counting::count::Tally,
    crate::polls::model::poll::Choice,
};

/// The total of points of each choice, in the order of the poll.
#[cfg(feature = "ssr")]
pub(crate) fn totals(choices: &[Choice], tally: &Tally) -> Vec<i64> {
    let mut totals = vec![0; choices.len()];
    for (ballot, times) in &tally.votes {
        for (position, points) in ballot.points() {
            if let Some(index) = index(choices, position) {
                totals[index] += points * times;
            }
        }
    }
    totals
}

/// What a choice would have if each voter gave it the most: as many votes as ballots, or as many
/// points as a rating can give.
#[must_use]
pub fn most_possible(kind: Kind, ballots: i64) -> i64 {
    if kind.is_rating() {
        ballots * MOST_POINTS
    } else {
        ballots
    }
}
