//! What a count consists of.

use serde::{Deserialize, Serialize};

use crate::polls::model::poll::{Choice, Kind, Poll};
use crate::polls::model::selection::Selection;

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

/// Where a position is among the choices, which are in the order of their positions.
pub(crate) fn index(choices: &[Choice], position: i64) -> Option<usize> {
    choices
        .binary_search_by_key(&position, |choice| choice.position)
        .ok()
}
