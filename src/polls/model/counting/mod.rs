//! Counting: from what was voted to what is shown. Pure, and the only place where it is done.
//!
//! A single choice is counted by votes, several by votes as well, and rankings by instant run-off: in each round a ballot counts for
//! the best of its choices that are still in. Who has more than half of the ballots that still count wins; otherwise the last one is
//! out, and its ballots go on. The rules for ties need no chance, and are told on the page: see [`TIE_RULE`].

use serde::{Deserialize, Serialize};

use crate::polls::model::poll::{Choice, Kind, Poll};
use crate::polls::model::selection::Selection;

/// How a run-off decides who is out, in words.
pub const TIE_RULE: &str = "In each round a ballot counts for the best of its choices that are still in. \
    Whoever has more than half of these votes wins. Otherwise the choice with the fewest votes is out; in the first round, all without a vote. \
    If several have the fewest, the round before decides between them, and the one before that; \
    if they were level in every round, the one that stands lower in the poll's list is out. If all that are left are level, they win together.";

/// What the ballots of a poll say, as they are stored: their number, and how many say each thing. In a poll with rankings a thing is
/// a whole ranking; otherwise it is one choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many ballots there are.
    pub ballots: i64,
    /// How often a ballot was changed.
    pub changes: i64,
    /// What they say, and how often; in order, nothing twice.
    pub votes: Vec<(Selection, i64)>,
}

impl Tally {
    /// A number that grows with each vote and each change.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.ballots + self.changes
    }
}

/// What is shown of a poll that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How it was voted in.
    pub kind: Kind,
    /// How many ballots there are.
    pub ballots: i64,
    /// Grows with each vote and each change: of two counts the one with the higher number is the newer.
    pub version: i64,
    /// What each choice has, in the order of the poll; the first choices alone, where ballots are rankings.
    pub rows: Vec<Row>,
    /// The rounds of a run-off, where ballots are rankings.
    pub rounds: Vec<Round>,
}

/// One choice and its votes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What a ballot says for it.
    pub position: i64,
    /// Its words.
    pub text: String,
    /// How many votes it has.
    pub votes: i64,
    /// Its share of the votes in whole percent; the shares of a poll add up to 100, or all are 0.
    pub percent: i64,
    /// Whether no other has more; in a run-off, whether it wins.
    pub leads: bool,
}

/// A round of a run-off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Who is still in, in the order of the poll.
    pub standing: Vec<Standing>,
    /// The ballots on which no choice is left that is still in.
    pub exhausted: i64,
    /// Who is out after this round, by position; nobody after the last one.
    pub out: Vec<i64>,
    /// What decided, if several had the fewest votes.
    pub tie: Option<Tie>,
}

/// What a choice has in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The choice's position.
    pub choice: i64,
    /// The ballots that count for it.
    pub votes: i64,
    /// How many of these came from who went out in the round before.
    pub gained: i64,
}

/// What decided between several that had the fewest votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// An earlier round, in which one had fewer.
    EarlierRound,
    /// The order of the poll's choices.
    Order,
}

impl Round {
    /// The ballots that count for somebody.
    #[must_use]
    pub fn votes(&self) -> i64 {
        self.standing.iter().map(|standing| standing.votes).sum()
    }
}

impl Count {
    /// How many votes there are: as many as ballots, or more where a ballot may have several.
    #[must_use]
    pub fn votes(&self) -> i64 {
        self.rows.iter().map(|row| row.votes).sum()
    }

    /// Whether it is a count of what this poll asks. As long as a poll has not opened, its choices change.
    #[must_use]
    pub fn is_of(&self, poll: &Poll) -> bool {
        let counted = self.rows.iter().map(|row| (row.position, &row.text));
        self.kind == poll.kind
            && counted.eq(poll
                .choices
                .iter()
                .map(|choice| (choice.position, &choice.text)))
    }

    /// The words of a choice.
    #[must_use]
    pub fn text(&self, position: i64) -> &str {
        self.rows
            .iter()
            .find(|row| row.position == position)
            .map_or("", |row| &row.text)
    }
}

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

/// What each choice has where a ballot names one or several: each one named is a vote.
fn by_choice(choices: &[Choice], tally: &Tally) -> Vec<i64> {
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

/// Who has the most votes, if there are any.
fn most(choices: &[Choice], votes: &[i64]) -> Vec<i64> {
    let most = votes.iter().copied().max().unwrap_or(0);
    choices
        .iter()
        .zip(votes)
        .filter(|(_, votes)| **votes > 0 && **votes == most)
        .map(|(choice, _)| choice.position)
        .collect()
}

/// What each choice has at first, and the rounds after which somebody has won. Each distinct ranking lies on the pile of the choice
/// it counts for, and is looked at again only when that choice goes out.
fn ranked(choices: &[Choice], tally: &Tally) -> (Vec<i64>, Vec<Round>) {
    let mut still_in = vec![true; choices.len()];
    let mut piles: Vec<Vec<usize>> = vec![Vec::new(); choices.len()];
    // How far each ranking has been read.
    let mut read = vec![0; tally.votes.len()];
    let (mut votes, mut exhausted) = (vec![0; choices.len()], 0);
    let mut going: Vec<usize> = (0..tally.votes.len()).collect();
    let mut history: Vec<Vec<i64>> = Vec::new();
    let mut rounds = Vec::new();
    loop {
        let before = votes.clone();
        for ranking in going.drain(..) {
            let (said, times) = &tally.votes[ranking];
            let rest = &said.positions()[read[ranking]..];
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
            // Where nobody has voted there are no rounds to show.
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

/// Whether somebody has more than half of the votes that still count, or all have the same.
fn decided(standing: &[usize], votes: &[i64]) -> bool {
    let of_all: i64 = standing.iter().map(|&index| votes[index]).sum();
    let (fewest, most) = bounds(standing, votes);
    most * 2 > of_all || fewest == most
}

/// Who is out of a round: all without a vote together, which changes nothing for the others; otherwise one, with the fewest votes.
/// `history` has the votes of each round, this one last.
fn last(standing: &[usize], history: &[Vec<i64>]) -> (Vec<usize>, Option<Tie>) {
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

fn bounds(among: &[usize], votes: &[i64]) -> (i64, i64) {
    among
        .iter()
        .map(|&index| votes[index])
        .fold((i64::MAX, 0), |(fewest, most), votes| {
            (fewest.min(votes), most.max(votes))
        })
}

/// Who wins, by the last round.
fn winners(last: &Round) -> Vec<i64> {
    let most = last
        .standing
        .iter()
        .map(|standing| standing.votes)
        .max()
        .unwrap_or(0);
    last.standing
        .iter()
        .filter(|standing| standing.votes == most)
        .map(|standing| standing.choice)
        .collect()
}

/// Where a position is among the choices, which are in the order of their positions.
fn index(choices: &[Choice], position: i64) -> Option<usize> {
    choices
        .binary_search_by_key(&position, |choice| choice.position)
        .ok()
}

/// Whole percentages that add up to 100 by the largest remainder; between equal remainders the earlier choice has it.
#[must_use]
pub fn shares(votes: &[i64]) -> Vec<i64> {
    let total: i64 = votes.iter().sum();
    if total == 0 {
        return vec![0; votes.len()];
    }
    let mut shares: Vec<i64> = votes.iter().map(|votes| votes * 100 / total).collect();
    let missing = usize::try_from(100 - shares.iter().sum::<i64>()).unwrap_or_default();
    let mut by_remainder: Vec<usize> = (0..votes.len()).collect();
    by_remainder.sort_by_key(|&index| std::cmp::Reverse(votes[index] * 100 % total));
    for &index in by_remainder.iter().take(missing) {
        shares[index] += 1;
    }
    shares
}

#[cfg(test)]
mod tests;
