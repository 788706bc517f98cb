//! Counts polls with one choice or several.

use crate::polls::model::counting::count::Tally;
use crate::polls::model::poll::Choice;

/// Counts the votes for each choice; every choice named on a ballot is one vote.
pub(crate) fn by_choice(choices: &[Choice], tally: &Tally) -> Vec<i64> {
    let mut votes = vec![0; choices.len()];
    for (said, times) in &tally.votes {
        for index in said
            .positions()
            .iter()
            .filter_map(|position| index(choices, *position))
        {
            votes[index] += times;
        }
    }
    votes
}

/// The positions of the choices with the most votes; empty if there are no votes.
pub(crate) fn most(choices: &[Choice], votes: &[i64]) -> Vec<i64> {
    let most = votes.iter().copied().max().unwrap_or(0);
    choices
        .iter()
        .zip(votes)
        .filter(|(_, votes)| **votes > 0 && **votes == most)
        .map(|(choice, _)| choice.position)
        .collect()
}

/// The index of a position in `choices`, which are sorted by position.
pub(crate) fn index(choices: &[Choice], position: i64) -> Option<usize> {
    choices
        .binary_search_by_key(&position, |choice| choice.position)
        .ok()
}
