//! Counting: from what was voted to what is shown. Pure, and the only place where it is done.

use serde::{Deserialize, Serialize};

use super::poll::{Choice, Kind, Poll};
use super::selection::Selection;

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
    /// How many ballots there are.
    pub ballots: i64,
    /// Grows with each vote and each change: of two counts the one with the higher number is the newer.
    pub version: i64,
    /// What each choice has, in the order of the poll.
    pub rows: Vec<Row>,
}

/// One choice and its votes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The choice.
    pub text: String,
    /// How many votes it has.
    pub votes: i64,
    /// Its share in whole percent; the shares of a poll add up to 100, or all are 0.
    pub percent: i64,
    /// Whether no other has more.
    pub leads: bool,
}

/// Counts a poll.
#[must_use]
pub fn count(poll: &Poll, tally: &Tally) -> Count {
    let votes = match poll.kind {
        Kind::Single | Kind::Multiple { .. } | Kind::Ranked => by_choice(&poll.choices, tally),
    };
    let most = votes.iter().copied().max().unwrap_or(0);
    let rows = poll.choices.iter().zip(&votes).zip(shares(&votes)).map(|((choice, &votes), percent)| Row {
        text: choice.text.clone(),
        votes,
        percent,
        leads: votes > 0 && votes == most,
    });
    Count { ballots: tally.ballots, version: tally.version(), rows: rows.collect() }
}

/// What each choice has where a ballot names one or several: the first of each thing said.
fn by_choice(choices: &[Choice], tally: &Tally) -> Vec<i64> {
    let has =
        |position: i64| tally.votes.iter().filter(move |(said, _)| said.positions().first() == Some(&position)).map(|(_, votes)| votes);
    choices.iter().map(|choice| has(choice.position).sum()).collect()
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
mod tests {
    use super::*;

    fn choices(count: i64) -> Vec<Choice> {
        (1..=count).map(|position| Choice { position, text: format!("choice {position}") }).collect()
    }

    #[test]
    fn percentages_add_up_to_a_hundred() {
        assert_eq!(shares(&[1, 1, 1]), [34, 33, 33]);
        assert_eq!(shares(&[1, 2, 3]), [17, 33, 50]);
        assert_eq!(shares(&[0, 0]), [0, 0]);
        assert_eq!(shares(&[7, 0]), [100, 0]);
        // Every split of up to 30 votes over three choices.
        for (a, b, c) in (0..=30).flat_map(|a| (0..=30 - a).flat_map(move |b| (0..=30 - a - b).map(move |c| (a, b, c)))) {
            let sum: i64 = shares(&[a, b, c]).iter().sum();
            assert_eq!(sum, if a + b + c == 0 { 0 } else { 100 });
        }
    }

    #[test]
    fn no_share_is_a_whole_percent_away_from_its_votes() {
        let votes = [13, 29, 0, 58, 1];
        for (votes, share) in votes.iter().zip(shares(&votes)) {
            assert!((votes * 100 - share * 101).abs() < 101, "{votes} of 101 shown as {share} %");
        }
    }

    #[test]
    fn every_choice_is_shown_in_order_and_ties_lead_together() {
        let said = |text: &str| Selection::read(text).unwrap();
        let count = by_choice(&choices(3), &Tally { ballots: 4, changes: 0, votes: vec![(said("1"), 2), (said("3"), 2)] });
        assert_eq!(count, [2, 0, 2]);
    }
}
