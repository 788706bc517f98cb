//! Counts rankings by instant run-off.

use crate::polls::model::counting::count::{Round, Standing, Tally, Tie, index};
use crate::polls::model::poll::Choice;

/// The elimination rule, as shown on the results page.
pub const TIE_RULE: &str = "Each round counts your highest choice still in. \
    More than half wins. Otherwise the last one is out and its votes move on. \
    Ties: whoever had fewer votes in earlier rounds goes; \
    if still tied, whoever is lower on the list. If everyone left is tied, they share the win.";

/// Returns the first-choice votes and the rounds of the run-off. Each distinct ranking is kept on
/// the pile of the choice it counts for, and is read further only when that choice is eliminated.
pub(crate) fn ranked(choices: &[Choice], tally: &Tally) -> (Vec<i64>, Vec<Round>) {
    let mut still_in = vec![true; choices.len()];
    let mut piles: Vec<Vec<usize>> = vec![Vec::new(); choices.len()];
    // The index in each ranking up to which it has been read.
    let mut read = vec![0; tally.votes.len()];
    let (mut votes, mut exhausted) = (vec![0; choices.len()], 0);
    let mut going: Vec<usize> = (0..tally.votes.len()).collect();
    let mut history: Vec<Vec<i64>> = Vec::new();
    let mut rounds = Vec::new();
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
        let (out, tie) = if decided(&standing, &votes) {
            (Vec::new(), None)
        } else {
            last(&standing, &history)
        };
        rounds.push(Round {
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
            out: out.iter().map(|&index| choices[index].position).collect(),
            tie,
        });
        if out.is_empty() {
            // Without votes there are no rounds to show.
            let empty = history[0].iter().all(|votes| *votes == 0);
            return (
                history.swap_remove(0),
                if empty { Vec::new() } else { rounds },
            );
        }
        for index in out {
            still_in[index] = false;
            votes[index] = 0;
            going.append(&mut piles[index]);
        }
    }
}

/// Whether the round is final: a choice has more than half of the remaining votes, or all are tied.
pub(crate) fn decided(standing: &[usize], votes: &[i64]) -> bool {
    let of_all: i64 = standing.iter().map(|&index| votes[index]).sum();
    let (fewest, most) = bounds(standing, votes);
    most * 2 > of_all || fewest == most
}

/// Returns the choices to eliminate and how a tie was broken. Choices without votes are eliminated
/// together, which doesn't affect the others; otherwise one choice with the fewest votes. `history`
/// has the votes of each round, the current one last.
pub(crate) fn last(standing: &[usize], history: &[Vec<i64>]) -> (Vec<usize>, Option<Tie>) {
    let fewest_in = |round: &Vec<i64>, among: &[usize]| -> Vec<usize> {
        let (fewest, _) = bounds(among, round);
        among
            .iter()
            .copied()
            .filter(|&index| round[index] == fewest)
            .collect()
    };
    let mut among = standing.to_vec();
    for (age, round) in history.iter().rev().enumerate() {
        among = fewest_in(round, &among);
        if age == 0 && among.first().is_some_and(|&index| round[index] == 0) {
            return (among, None);
        }
        if let [one] = among[..] {
            return (vec![one], (age > 0).then_some(Tie::EarlierRound));
        }
    }
    (
        among.last().copied().into_iter().collect(),
        Some(Tie::Order),
    )
}

pub(crate) fn bounds(among: &[usize], votes: &[i64]) -> (i64, i64) {
    among
        .iter()
        .map(|&index| votes[index])
        .fold((i64::MAX, 0), |(fewest, most), votes| {
            (fewest.min(votes), most.max(votes))
        })
}

/// The positions of the winners, given the last round.
pub(crate) fn winners(last: &Round) -> Vec<i64> {
    let most = last.most();
    last.standing
        .iter()
        .filter(|standing| standing.votes == most)
        .map(|standing| standing.choice)
        .collect()
}
