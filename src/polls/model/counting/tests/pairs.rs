//! Tests counting by pairs: known elections, and random ones against a slow, simple second
//! implementation.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::any;

use super::random_elections::{hold, ranked_election};
use super::{cast, count, leading, poll, tally};
use crate::polls::model::counting::count::{Duels, Tie};
use crate::polls::model::counting::counted;
use crate::polls::model::draw::{Draw, ReceiptsHash, Seed};
use crate::polls::model::kind::Kind;

/// Counts ballot by ballot, following [the rule in words](Kind::rule) literally.
mod slow {
    use super::*;

    pub(crate) struct Slow {
        pub(crate) left_out: BTreeSet<(i64, i64)>,
        pub(crate) unbeaten: BTreeSet<i64>,
    }

    /// How many more ballots rank `one` above `other` than the other way round.
    pub(crate) fn margin(ballots: &[Vec<i64>], one: i64, other: i64) -> i64 {
        let place = |ballot: &[i64], choice| {
            let place = ballot.iter().position(|ranked| *ranked == choice);
            place.unwrap_or(usize::MAX)
        };
        let sign = |ballot: &Vec<i64>| {
            let (one, other) = (place(ballot, one), place(ballot, other));
            i64::from(one < other) - i64::from(one > other)
        };
        ballots.iter().map(sign).sum()
    }

    /// Whether wins lead from one choice to another.
    fn leads(wins: &BTreeSet<(i64, i64)>, from: i64, to: i64) -> bool {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            for (_, loser) in wins.iter().filter(|(winner, _)| *winner == at) {
                if seen.insert(*loser) {
                    open.push(*loser);
                }
            }
        }
        seen.contains(&to)
    }

    pub(crate) fn pairs(choices: i64, ballots: &[Vec<i64>]) -> Slow {
        let all = 1..=i64::try_from(ballots.len()).unwrap();
        let (mut kept, mut left_out) = (BTreeSet::new(), BTreeSet::new());
        let pairs = (1..=choices).flat_map(|one| (1..=choices).map(move |other| (one, other)));
        let margins: Vec<((i64, i64), i64)> = pairs
            .map(|(one, other)| ((one, other), margin(ballots, one, other)))
            .collect();
        for size in all.rev() {
            let equal = margins.iter().filter(|(_, margin)| *margin == size);
            let equal: BTreeSet<(i64, i64)> = equal.map(|(pair, _)| *pair).collect();
            let with_all = &kept | &equal;
            for (winner, loser) in equal {
                if leads(&with_all, loser, winner) {
                    left_out.insert((winner, loser));
                } else {
                    kept.insert((winner, loser));
                }
            }
        }
        let beaten: BTreeSet<i64> = kept.into_iter().map(|(_, loser)| loser).collect();
        Slow {
            left_out,
            unbeaten: (1..=choices)
                .filter(|choice| !beaten.contains(choice))
                .collect(),
        }
    }
}

#[test]
fn counting_by_pairs_agrees_with_a_slow_and_plain_one() {
    let (circles, beats_all) = (Cell::new(0), Cell::new(0));
    let met = [Tie::Order, Tie::Drawn].map(|tie| (Cell::new(0), tie));
    let note = |counter: &Cell<usize>, met: bool| counter.set(counter.get() + usize::from(met));
    let draw = Draw::new("poll", Seed::random(), ReceiptsHash::default());
    hold(
        4_000,
        &(any::<bool>(), ranked_election()),
        |(drawn, (choices, ballots))| {
            let (poll, tally) = cast(Kind::Pairs, choices, &ballots, drawn);
            let fast = counted::count(&poll, &tally, drawn.then_some(&draw));
            let Some(duels) = &fast.steps.duels else {
                assert!(ballots.is_empty() && leading(&fast).is_empty());
                return;
            };
            let slow = slow::pairs(choices, &ballots);
            let left_out = duels.left_out.iter().map(|[one, other]| (*one, *other));
            assert_eq!(left_out.collect::<BTreeSet<_>>(), slow.left_out);
            let unbeaten: BTreeSet<i64> = duels.unbeaten.iter().copied().collect();
            assert_eq!(unbeaten, slow.unbeaten);
            let winner = if drawn {
                unbeaten.iter().max_by_key(|choice| draw.lot(1, **choice))
            } else {
                unbeaten.first()
            };
            assert_eq!(leading(&fast), [winner.unwrap().to_string()]);

            let all = || 1..=choices;
            let condorcet = all().find(|one| {
                let mut others = all().filter(|other| other != one);
                others.all(|other| slow::margin(&ballots, *one, other) > 0)
            });
            if let Some(one) = condorcet {
                assert_eq!(duels.unbeaten, [one]);
            }
            for (times, tie) in &met {
                note(times, duels.tie == Some(*tie));
            }
            note(&circles, !duels.left_out.is_empty() && duels.tie.is_none());
            note(&beats_all, condorcet.is_some());
        },
    );
    let (circles, beats_all) = (circles.get(), beats_all.get());
    assert!(
        met.iter().all(|(times, _)| times.get() > 200) && circles > 20 && beats_all > 500,
        "{met:?}, {circles} circles, {beats_all} that beat all"
    );
}

fn of(ballots: &[(&str, i64)]) -> (Vec<String>, Duels) {
    let mut poll = poll(Kind::Pairs, &["A", "B", "C"]);
    poll.draw = Some("seed".to_owned());
    let count = count(&poll, &tally(ballots));
    let winners = leading(&count).into_iter().map(str::to_owned).collect();
    (winners, count.steps.duels.unwrap())
}

/// The textbook example of choosing a capital: Nashville is in the middle.
#[test]
fn tennessee_chooses_nashville() {
    let cities = poll(
        Kind::Pairs,
        &["Memphis", "Nashville", "Chattanooga", "Knoxville"],
    );
    let ballots = [
        ("1>2>3>4", 42),
        ("2>3>4>1", 26),
        ("3>4>2>1", 15),
        ("4>3>2>1", 17),
    ];
    let count = count(&cities, &tally(&ballots));
    assert_eq!(leading(&count), ["Nashville"]);
    let duels = count.steps.duels.unwrap();
    assert_eq!(duels.above[1], [58, 0, 68, 68]);
    assert!(duels.left_out.is_empty());
}

#[test]
fn the_smallest_win_of_a_circle_is_left_out() {
    let (winners, duels) = of(&[("1>2>3", 8), ("2>3>1", 7), ("3>1>2", 5)]);
    assert_eq!(winners, ["A"]);
    assert_eq!((duels.left_out, duels.tie), (vec![[3, 1]], None));
}

#[test]
fn a_circle_of_equal_wins_waits_for_the_draw() {
    let (winners, duels) = of(&[("1>2>3", 2), ("2>3>1", 2), ("3>1>2", 2)]);
    assert!(winners.is_empty());
    assert_eq!(duels.unbeaten, [1, 2, 3]);
    assert_eq!(duels.tie, Some(Tie::Undrawn));
}

#[test]
fn a_choice_left_out_of_a_ranking_is_below_the_others() {
    let (winners, duels) = of(&[("2", 3), ("1>3", 2)]);
    assert_eq!(winners, ["B"]);
    assert_eq!(duels.above, [[0, 2, 2], [3, 0, 3], [0, 2, 0]]);
}
