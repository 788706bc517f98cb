//! Tests counting of ratings against known elections, and of random ones against a slow, simple second
//! implementation.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};

use super::random_elections::hold;
use super::{leading, poll, tally};
use crate::polls::model::counting::count::{Count, Final, Tie};
use crate::polls::model::counting::counted;
use crate::polls::model::draw::{Draw, ReceiptsHash, Seed};
use crate::polls::model::kind::Kind;

const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// Writes ratings of A, B, C and so on: `502` gives A five and C two.
fn texts(ballots: &[&str]) -> Vec<String> {
    let text = |ballot: &&str| {
        let given = (1..).zip(ballot.chars());
        let given = given.map(|(choice, points): (i64, char)| format!("{choice}:{points}"));
        given.collect::<Vec<_>>().join(",")
    };
    ballots.iter().map(text).collect()
}

fn counted(kind: Kind, ballots: &[&str], draw: Option<&Draw>) -> Count {
    let texts = texts(ballots);
    let votes: Vec<(&str, i64)> = texts.iter().map(|text| (text.as_str(), 1)).collect();
    let mut poll = poll(
        kind,
        &NAMES[..ballots.first().map_or(3, |ballot| ballot.len())],
    );
    poll.draw = Some(String::new());
    counted::count(&poll, &tally(&votes), draw)
}

fn star(ballots: &[&str]) -> (Count, Final) {
    let count = counted(Kind::Star, ballots, None);
    let held = count.final_round.clone().unwrap();
    (count, held)
}

fn draw(seed: u8) -> Draw {
    Draw::new(
        "poll",
        Seed::from_bytes(&[seed; 32]).unwrap(),
        ReceiptsHash::default(),
    )
}

#[test]
fn the_highest_total_wins_and_equal_totals_share_the_win() {
    let count = counted(Kind::Score, &["520", "052", "500"], None);
    let totals: Vec<i64> = count.rows.iter().map(|row| row.votes).collect();
    assert_eq!((totals, leading(&count)), (vec![10, 7, 2], vec!["A"]));
    assert_eq!(count.rows[0].percent.to_string(), "67");
    assert_eq!(
        leading(&counted(Kind::Score, &["41", "14"], None)),
        ["A", "B"]
    );
    assert_eq!(count.final_round, None);
}

#[test]
fn ratings_that_give_nothing_elect_nothing() {
    for kind in [Kind::Score, Kind::Star] {
        for ballots in [&[][..], &["000", "000"][..]] {
            let count = counted(kind, ballots, None);
            assert!(leading(&count).is_empty() && count.final_round.is_none());
            assert!(!count.is_undrawn());
        }
    }
}

#[test]
fn the_finalist_that_more_voters_rate_higher_wins_whatever_the_totals() {
    let (count, held) = star(&["543", "340", "340", "332"]);
    assert_eq!(
        (held.finalists, held.prefer, held.same, held.tie),
        (vec![2, 1], vec![2, 1], 1, None)
    );
    assert_eq!(leading(&count), ["B"]);
}

#[test]
fn a_choice_without_points_is_not_in_the_final() {
    let (count, held) = star(&["500", "300"]);
    assert_eq!((held.finalists, held.prefer), (vec![1], vec![]));
    assert_eq!((leading(&count), count.is_undrawn()), (vec!["A"], false));
}

#[test]
fn a_tie_in_the_final_is_decided_by_totals_then_fives_then_the_draw() {
    let decided = |ballots| {
        let (count, held) = star(ballots);
        (leading(&count).concat(), held.tie)
    };
    assert_eq!(decided(&["50", "34"]), ("A".to_owned(), Some(Tie::Total)));
    assert_eq!(
        decided(&["51", "04", "11"]),
        ("A".to_owned(), Some(Tie::Total))
    );
    assert_eq!(decided(&["52", "14"]), ("A".to_owned(), Some(Tie::Fives)));
    let (open, held) = star(&["52", "25"]);
    assert!(leading(&open).is_empty() && open.is_undrawn());
    assert_eq!((held.tie, held.undrawn), (Some(Tie::Undrawn), vec![1, 2]));
    let drawn: BTreeSet<String> = (0..20)
        .map(|seed| {
            let draw = draw(seed);
            let count = counted(Kind::Star, &["52", "25"], Some(&draw));
            assert_eq!(count.final_round.as_ref().unwrap().tie, Some(Tie::Drawn));
            let last = [1, 2].into_iter().max_by_key(|choice| draw.lot(3, *choice));
            let winner = leading(&count).concat();
            assert_eq!(winner, NAMES[usize::try_from(last.unwrap()).unwrap() - 1]);
            winner
        })
        .collect();
    assert_eq!(drawn.len(), 2, "the draw can go either way");
}

#[test]
fn ties_for_a_place_in_the_final_are_decided_by_pairs_then_fives_then_the_draw() {
    // B and C have 5 each; two voters rate C higher, one B.
    let (_, held) = star(&["550", "302", "303"]);
    assert_eq!(
        (held.finalists, held.places),
        (vec![1, 3], vec![Tie::Pairs])
    );
    // B and C have 6 each, and each is above the other once; B has a five.
    let (_, held) = star(&["552", "514"]);
    assert_eq!(
        (held.finalists, held.places),
        (vec![1, 2], vec![Tie::Fives])
    );
    let (count, held) = star(&["541", "514"]);
    assert_eq!((held.finalists, held.undrawn), (vec![1], vec![2, 3]));
    assert!(count.is_undrawn() && leading(&count).is_empty());
    // All three are level for two places, which are drawn one after the other.
    let level = ["531", "153", "315"];
    let (count, held) = star(&level);
    assert_eq!((held.finalists, held.undrawn), (vec![], vec![1, 2, 3]));
    assert!(count.is_undrawn());
    let drawn = counted(Kind::Star, &level, Some(&draw(7)));
    assert_eq!(drawn.final_round.unwrap().finalists.len(), 2);
}

#[test]
fn a_poll_without_a_seed_goes_by_its_list() {
    let texts = texts(&["52", "25"]);
    let votes: Vec<(&str, i64)> = texts.iter().map(|text| (text.as_str(), 1)).collect();
    let count = counted::count(&poll(Kind::Star, &["A", "B"]), &tally(&votes), None);
    assert_eq!(leading(&count), ["A"]);
    assert_eq!(count.final_round.unwrap().tie, Some(Tie::Order));
}

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
        let held = count.final_round.clone().unwrap_or_default();
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
    assert!(seen.iter().all(|times| *times >= 100), "{seen:?}");
}
