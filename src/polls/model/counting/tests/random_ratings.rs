//! Tests counting of random ratings against a slow, simple second implementation.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};

use super::random_elections::hold;
use super::ratings::{counted, draw};
use crate::polls::model::counting::count::Tie;
use crate::polls::model::draw::Draw;
use crate::polls::model::kind::Kind;

/// Counts ballot by ballot, following the rule in words literally.
mod slow {
    use super::*;

    pub(crate) struct Slow<'a> {
        pub(crate) ballots: &'a [Vec<i64>],
        pub(crate) draw: Option<&'a Draw>,
    }

    impl Slow<'_> {
        pub(crate) fn total(&self, choice: i64) -> i64 {
            self.ballots
                .iter()
                .map(|ballot| given(ballot, choice))
                .sum()
        }

        fn fives(&self, choice: i64) -> usize {
            let fives = self
                .ballots
                .iter()
                .filter(|ballot| given(ballot, choice) == 5);
            fives.count()
        }

        /// How many voters rate `one` higher than `other`.
        pub(crate) fn above(&self, one: i64, other: i64) -> usize {
            let above = self.ballots.iter();
            above
                .filter(|ballot| given(ballot, one) > given(ballot, other))
                .count()
        }

        /// The one drawn last; `None` if the draw isn't made.
        fn drawn(&self, tied: &BTreeSet<i64>, round: usize) -> Option<i64> {
            let draw = self.draw?;
            tied.iter()
                .copied()
                .max_by_key(|choice| draw.lot(round, *choice))
        }

        /// Those that beat most of the others, less those that beat them, until nothing changes.
        fn two_by_two(&self, mut tied: BTreeSet<i64>) -> BTreeSet<i64> {
            loop {
                let score = |one: i64| {
                    let won = tied
                        .iter()
                        .filter(|other| self.above(one, **other) > self.above(**other, one));
                    let lost = tied
                        .iter()
                        .filter(|other| self.above(one, **other) < self.above(**other, one));
                    won.count() + tied.len() - lost.count()
                };
                let most = tied.iter().map(|one| score(*one)).max();
                let kept: BTreeSet<i64> = tied
                    .iter()
                    .copied()
                    .filter(|one| Some(score(*one)) == most)
                    .collect();
                if kept == tied {
                    return kept;
                }
                tied = kept;
            }
        }

        /// The finalists; `None` if a draw is still to decide who they are.
        pub(crate) fn finalists(&self, choices: i64) -> Option<BTreeSet<i64>> {
            let mut finalists = BTreeSet::new();
            loop {
                let left = (1..=choices)
                    .filter(|choice| self.total(*choice) > 0 && !finalists.contains(choice));
                let left: Vec<i64> = left.collect();
                let places = 2 - finalists.len();
                let Some(most) = left.iter().map(|choice| self.total(*choice)).max() else {
                    return Some(finalists);
                };
                if places == 0 {
                    return Some(finalists);
                }
                let mut tied: BTreeSet<i64> = left
                    .into_iter()
                    .filter(|choice| self.total(*choice) == most)
                    .collect();
                if tied.len() > places {
                    tied = self.two_by_two(tied);
                }
                if tied.len() > places {
                    let fives = tied.iter().map(|choice| self.fives(*choice)).max();
                    tied.retain(|choice| Some(self.fives(*choice)) == fives);
                }
                if tied.len() > places {
                    let drawn = self.drawn(&tied, finalists.len() + 1)?;
                    tied = BTreeSet::from([drawn]);
                }
                finalists.extend(tied);
            }
        }

        pub(crate) fn winner(&self, choices: i64) -> Option<i64> {
            let finalists = self.finalists(choices)?;
            let other = |choice: i64| finalists.iter().copied().find(|other| *other != choice);
            let key = |choice: i64| {
                let above = other(choice).map_or(0, |other| self.above(choice, other));
                (above, self.total(choice), self.fives(choice))
            };
            let best = finalists.iter().map(|choice| key(*choice)).max()?;
            let best: BTreeSet<i64> = finalists
                .iter()
                .copied()
                .filter(|choice| key(*choice) == best)
                .collect();
            if best.len() > 1 {
                self.drawn(&best, 3)
            } else {
                best.first().copied()
            }
        }
    }

    fn given(ballot: &[i64], choice: i64) -> i64 {
        ballot[usize::try_from(choice).unwrap() - 1]
    }
}

/// Ratings of a few choices by a few voters; mostly of few different numbers, so that many tie.
fn rated_election() -> impl Strategy<Value = (i64, Vec<Vec<i64>>)> {
    (2..=6_i64, 0..=3_usize).prop_flat_map(|(choices, numbers)| {
        let numbers: &[i64] = [&[0, 5][..], &[0, 1, 5], &[4, 5], &[0, 1, 2, 3, 4, 5]][numbers];
        let points = proptest::sample::select(numbers);
        let ballot = vec(points, usize::try_from(choices).unwrap());
        (Just(choices), vec(ballot, 0..=9))
    })
}

#[test]
fn random_ratings_are_counted_as_the_rules_say() {
    let ties = Cell::new([0; 5]);
    let values = (rated_election(), any::<u8>(), any::<bool>());
    hold(6_000, &values, |((choices, ballots), seed, closed)| {
        let made = draw(seed);
        let draw = closed.then_some(&made);
        let texts: Vec<String> = ballots
            .iter()
            .map(|ballot| ballot.iter().map(ToString::to_string).collect())
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let slow = slow::Slow {
            ballots: &ballots,
            draw,
        };
        if ballots.is_empty() {
            return;
        }

        let score = counted(Kind::Score, &texts, draw);
        let totals: Vec<i64> = (1..=choices).map(|choice| slow.total(choice)).collect();
        let most = *totals.iter().max().unwrap();
        for (row, total) in score.rows.iter().zip(&totals) {
            assert_eq!((row.votes, row.leads), (*total, most > 0 && *total == most));
        }

        let count = counted(Kind::Star, &texts, draw);
        let winners = count.rows.iter().filter(|row| row.leads);
        let winners: Vec<i64> = winners.map(|row| row.position).collect();
        assert_eq!(winners, Vec::from_iter(slow.winner(choices)));
        let held = count.steps.final_round.clone().unwrap_or_default();
        let finalists: BTreeSet<i64> = held.finalists.iter().copied().collect();
        if let Some(expected) = slow.finalists(choices) {
            assert_eq!(finalists, expected);
        } else {
            assert!(count.is_undrawn() && finalists.len() < 2);
        }
        if let [one, other] = held.finalists[..] {
            let prefer = [slow.above(one, other), slow.above(other, one)];
            let prefer = prefer.map(|voters| i64::try_from(voters).unwrap());
            assert_eq!(held.prefer, prefer);
            assert_eq!(held.same + prefer[0] + prefer[1], count.ballots);
        }
        assert!(!closed || !count.is_undrawn());
        let mut seen = ties.get();
        for tie in held.places.iter().chain(&held.tie) {
            let kinds = [Tie::Pairs, Tie::Fives, Tie::Total, Tie::Drawn, Tie::Undrawn];
            seen[kinds.iter().position(|kind| kind == tie).unwrap()] += 1;
        }
        ties.set(seen);
    });
    let seen = ties.get();
    assert!(seen.iter().all(|times| *times >= 50), "{seen:?}");
}
