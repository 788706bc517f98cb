//! Counts rankings two by two, by ranked pairs.
//!
//! The choice that more voters rank higher wins a pair, by so many voters more. Wins count from the
//! largest on, and one is left out if it would close a circle with wins as large or larger. Wins of
//! equal size are judged together, so that neither the order of the choices nor a draw matters to
//! them. The choices against which no win is left are level.

use crate::polls::model::counting::choices::index;
use crate::polls::model::counting::count::{Duels, Tally, Tie};
use crate::polls::model::counting::tie_break::TieBreak;
use crate::polls::model::poll::Choice;

/// Choices counted two by two.
pub(crate) struct ByPairs {
    /// The first choices, in the order of the poll.
    pub(crate) first: Vec<i64>,
    /// The pairs; `None` without votes.
    pub(crate) duels: Option<Duels>,
    /// The position of the winner; empty while a draw is to decide.
    pub(crate) winners: Vec<i64>,
}

/// A win of one choice, by index, against another.
struct Win {
    margin: i64,
    pair: (usize, usize),
}

/// Which choices lead to which others by wins.
#[derive(Clone)]
struct Reach(Vec<Vec<bool>>);

/// Counts rankings two by two. If several choices are level, the one that is drawn last wins.
pub(crate) fn by_pairs(choices: &[Choice], tally: &Tally, tie_break: &TieBreak<'_>) -> ByPairs {
    let above = above(choices, tally);
    let first = first_choices(choices, tally);
    if first.iter().all(|votes| *votes == 0) {
        return ByPairs {
            first,
            duels: None,
            winners: Vec::new(),
        };
    }
    let (beaten, left_out) = beaten(wins(&above), choices.len());
    let unbeaten: Vec<usize> = (0..choices.len()).filter(|one| !beaten[*one]).collect();
    let (winner, tie) = match (unbeaten.as_slice(), tie_break.drawn(&unbeaten, 1)) {
        ([one], _) => (Some(*one), None),
        (_, Some((order, tie))) => (order.last().copied(), Some(tie)),
        (_, None) => (None, Some(Tie::Undrawn)),
    };
    let position = |index: usize| choices[index].position;
    ByPairs {
        first,
        duels: Some(Duels {
            above,
            left_out: left_out
                .into_iter()
                .map(|(winner, loser)| [position(winner), position(loser)])
                .collect(),
            unbeaten: unbeaten.into_iter().map(position).collect(),
            tie,
        }),
        winners: winner.map(position).into_iter().collect(),
    }
}

/// The first choices, in the order of the poll.
pub(super) fn first_choices(choices: &[Choice], tally: &Tally) -> Vec<i64> {
    let mut votes = vec![0; choices.len()];
    for (ballot, times) in &tally.votes {
        let mut ranked = ballot.positions().iter();
        if let Some(first) = ranked.find_map(|position| index(choices, *position)) {
            votes[first] += times;
        }
    }
    votes
}

/// How many voters rank the first choice above the second. Those left out of a ranking are below
/// all others.
fn above(choices: &[Choice], tally: &Tally) -> Vec<Vec<i64>> {
    let mut above = vec![vec![0; choices.len()]; choices.len()];
    let mut below: Vec<bool> = Vec::new();
    for (ballot, times) in &tally.votes {
        below.clear();
        below.resize(choices.len(), true);
        let positions = ballot.positions().iter();
        for higher in positions.filter_map(|position| index(choices, *position)) {
            below[higher] = false;
            for (votes, below) in above[higher].iter_mut().zip(&below) {
                *votes += if *below { *times } else { 0 };
            }
        }
    }
    above
}

/// All wins, largest first.
fn wins(above: &[Vec<i64>]) -> Vec<Win> {
    let mut wins = Vec::new();
    for (one, votes) in above.iter().enumerate() {
        for (other, for_one) in votes.iter().enumerate() {
            let margin = for_one - above[other][one];
            if margin > 0 {
                let pair = (one, other);
                wins.push(Win { margin, pair });
            }
        }
    }
    wins.sort_by_key(|win| (-win.margin, win.pair));
    wins
}

/// Returns which choices are beaten, and the pairs that were left out.
fn beaten(wins: Vec<Win>, choices: usize) -> (Vec<bool>, Vec<(usize, usize)>) {
    let mut beaten = vec![false; choices];
    let mut left_out = Vec::new();
    let mut counted = Reach(vec![vec![false; choices]; choices]);
    for equal in wins.chunk_by(|one, other| one.margin == other.margin) {
        let mut with_all = counted.clone();
        for Win { pair, .. } in equal {
            with_all.add(*pair);
        }
        for Win { pair, .. } in equal {
            let (winner, loser) = *pair;
            if with_all.0[loser][winner] {
                left_out.push(*pair);
            } else {
                counted.add(*pair);
                beaten[loser] = true;
            }
        }
    }
    (beaten, left_out)
}

impl Reach {
    /// Adds a win: what leads to the winner leads to the loser and on from there.
    fn add(&mut self, (winner, loser): (usize, usize)) {
        if self.0[winner][loser] {
            return;
        }
        let mut on = self.0[loser].clone();
        on[loser] = true;
        for from in 0..self.0.len() {
            if from == winner || self.0[from][winner] {
                for (reached, on) in self.0[from].iter_mut().zip(&on) {
                    *reached |= on;
                }
            }
        }
    }
}
