//! Counts rankings by instant run-off.

use crate::polls::model::counting::choices::index;
use crate::polls::model::counting::count::{Round, Standing, Tally, Tie};
use crate::polls::model::counting::tie_break::{Broken, TieBreak, lowest};
use crate::polls::model::poll::Choice;

/// A counted run-off.
#[derive(Default)]
pub(crate) struct RunOff {
    /// The first choices, in the order of the poll.
    pub(crate) first: Vec<i64>,
    /// The rounds; empty without votes.
    pub(crate) rounds: Vec<Round>,
    /// The positions of the winners; empty while a draw is to decide.
    pub(crate) winners: Vec<i64>,
}

/// Counts rankings. Each distinct ranking is kept on the pile of the choice it counts for, and is
/// read further only when that choice is eliminated.
pub(crate) fn run_off(choices: &[Choice], tally: &Tally, tie_break: &TieBreak<'_>) -> RunOff {
    let mut still_in = vec![true; choices.len()];
    let mut piles: Vec<Vec<usize>> = vec![Vec::new(); choices.len()];
    // The index in each ranking up to which it has been read.
    let mut read = vec![0; tally.votes.len()];
    let (mut votes, mut exhausted) = (vec![0; choices.len()], 0);
    let mut going: Vec<usize> = (0..tally.votes.len()).collect();
    let mut history: Vec<Vec<i64>> = Vec::new();
    let mut run_off = RunOff::default();
    let position = |&index: &usize| choices[index].position;
    loop {
        let before = votes.clone();
        for ranking in going.drain(..) {
            let (ballot, times) = &tally.votes[ranking];
            let rest = &ballot.positions()[read[ranking]..];
            let next = rest.iter().enumerate().find_map(|(step, position)| {
                let index = index(choices, *position).filter(|index| still_in[*index])?;
                Some((step, index))
            });
            if let Some((step, index)) = next {
                read[ranking] += step + 1;
                piles[index].push(ranking);
                votes[index] += times;
            } else {
                exhausted += times;
            }
        }
        let standing: Vec<usize> = (0..choices.len())
            .filter(|index| still_in[*index])
            .collect();
        let first_round = history.is_empty();
        history.push(votes.clone());
        let (out, tie) = match outcome(&standing, &history, tie_break) {
            Outcome::Won(Broken { choices, tie }) => {
                run_off.winners = choices.iter().map(position).collect();
                (Vec::new(), tie)
            }
            Outcome::Out(Broken { choices, tie }) => (choices, tie),
        };
        run_off.rounds.push(Round {
            standing: standing
                .iter()
                .map(|&index| Standing {
                    choice: choices[index].position,
                    votes: votes[index],
                    gained: if first_round {
                        0
                    } else {
                        votes[index] - before[index]
                    },
                })
                .collect(),
            exhausted,
            out: out.iter().map(position).collect(),
            tie,
        });
        if out.is_empty() || tie == Some(Tie::Undrawn) {
            break;
        }
        for index in out {
            still_in[index] = false;
            votes[index] = 0;
            going.append(&mut piles[index]);
        }
    }
    run_off.first = history.swap_remove(0);
    if run_off.first.iter().all(|votes| *votes == 0) {
        // Without votes there are no rounds to show and no winners.
        (run_off.rounds, run_off.winners) = (Vec::new(), Vec::new());
    }
    run_off
}

/// What a round decides.
enum Outcome {
    Won(Broken),
    Out(Broken),
}

/// Decides a round: a choice with more than half of the remaining votes wins, and so do the best of
/// choices that are all level. Otherwise choices without votes are eliminated together, which
/// doesn't affect the others, or else one with the fewest votes. `history` has the votes of each
/// round, the current one last.
fn outcome(standing: &[usize], history: &[Vec<i64>], tie_break: &TieBreak<'_>) -> Outcome {
    let votes = |&index: &usize| history.last().map_or(0, |round| round[index]);
    let of_all: i64 = standing.iter().map(votes).sum();
    let ahead = lowest(standing, |index| -votes(&index));
    if ahead.iter().any(|index| votes(index) * 2 > of_all) {
        return Outcome::Won(Broken::clearly(ahead));
    }
    if ahead.len() == standing.len() {
        return Outcome::Won(tie_break.best(ahead, history));
    }
    let behind = lowest(standing, |index| votes(&index));
    if behind.len() == 1 || behind.iter().any(|index| votes(index) == 0) {
        return Outcome::Out(Broken::clearly(behind));
    }
    Outcome::Out(tie_break.last(behind, history))
}
