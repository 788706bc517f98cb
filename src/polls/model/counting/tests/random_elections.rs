//! Tests counting of random elections against a slow, simple second implementation.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::subsequence;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{count, poll, tally};
use crate::polls::model::counting::count::Tie;
use crate::polls::model::counting::counted;
use crate::polls::model::draw::{Draw, ReceiptsHash, Seed};
use crate::polls::model::kind::Kind;

/// Checks `property` of random values, the same ones in every run and four times as many with
/// `TEST_LONG`. A counterexample is shrunk.
pub(super) fn hold<S: Strategy>(cases: u32, values: &S, property: impl Fn(S::Value)) {
    #[expect(clippy::disallowed_methods, reason = "chooses the length of a test")]
    let long = std::env::var_os("TEST_LONG").is_some();
    let config = Config {
        cases: if long { cases * 4 } else { cases },
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let checked = TestRunner::new_with_rng(config, rng).run(values, |value| {
        property(value);
        Ok(())
    });
    if let Err(error) = checked {
        panic!("{error}");
    }
}

/// A number of choices, and ballots that rank some of them.
pub(super) fn ranked_election() -> impl Strategy<Value = (i64, Vec<Vec<i64>>)> {
    (2..=7_i64).prop_flat_map(|choices| {
        let all: Vec<i64> = (1..=choices).collect();
        let ballot = subsequence(all.clone(), 1..=all.len()).prop_shuffle();
        (Just(choices), vec(ballot, 0..=25))
    })
}

/// Counts ballot by ballot and each round from scratch, following [the rule in words](crate::polls::model::counting::tie_rule::TieRule::text) literally.
mod slow {
    use super::*;

    pub(crate) struct Slow {
        pub(crate) rounds: Vec<BTreeMap<i64, i64>>,
        pub(crate) out: Vec<Vec<i64>>,
        pub(crate) winners: BTreeSet<i64>,
    }

    /// Whether more ballots rank `one` above `other` than the other way round.
    fn beats(ballots: &[Vec<i64>], one: i64, other: i64) -> bool {
        let place = |ballot: &[i64], choice| {
            let place = ballot.iter().position(|ranked| *ranked == choice);
            place.unwrap_or(usize::MAX)
        };
        let mut margin = 0;
        for ballot in ballots {
            let (one, other) = (place(ballot, one), place(ballot, other));
            margin += i64::from(one < other) - i64::from(one > other);
        }
        margin > 0
    }

    /// Keeps those of the tied choices that do best two by two, or worst, until nothing changes.
    fn two_by_two(ballots: &[Vec<i64>], mut tied: BTreeSet<i64>, best: bool) -> BTreeSet<i64> {
        loop {
            let score = |one: &i64| {
                let won = tied.iter().filter(|other| beats(ballots, *one, **other));
                let lost = tied.iter().filter(|other| beats(ballots, **other, *one));
                let (won, lost) = (won.count(), lost.count());
                if best {
                    tied.len() + lost - won
                } else {
                    tied.len() + won - lost
                }
            };
            let lowest = tied.iter().map(score).min();
            let kept = tied.iter().copied();
            let kept: BTreeSet<i64> = kept.filter(|one| Some(score(one)) == lowest).collect();
            if kept == tied {
                return kept;
            }
            tied = kept;
        }
    }

    pub(crate) fn run_off(choices: i64, ballots: &[Vec<i64>], draw: Option<&Draw>) -> Slow {
        let mut still_in: BTreeSet<i64> = (1..=choices).collect();
        let mut slow = Slow {
            rounds: Vec::new(),
            out: Vec::new(),
            winners: BTreeSet::new(),
        };
        if ballots.is_empty() {
            return slow;
        }
        loop {
            let mut round: BTreeMap<i64, i64> =
                still_in.iter().map(|choice| (*choice, 0)).collect();
            for best in ballots
                .iter()
                .filter_map(|ballot| ballot.iter().find(|choice| still_in.contains(choice)))
            {
                *round.get_mut(best).unwrap() += 1;
            }
            let total: i64 = round.values().sum();
            let most = *round.values().max().unwrap();
            slow.rounds.push(round.clone());
            let best: BTreeSet<i64> = still_in
                .iter()
                .copied()
                .filter(|choice| round[choice] == most)
                .collect();
            if most * 2 > total || best == still_in {
                slow.winners = best;
                if draw.is_some() && slow.winners.len() > 1 {
                    for round in slow.rounds.iter().rev() {
                        let most = slow.winners.iter().map(|choice| round[choice]).max();
                        slow.winners.retain(|choice| Some(round[choice]) == most);
                    }
                    slow.winners = two_by_two(ballots, slow.winners, true);
                }
                return slow;
            }
            let without: Vec<i64> = still_in
                .iter()
                .copied()
                .filter(|choice| round[choice] == 0)
                .collect();
            let out = if without.is_empty() {
                // The votes in this round, the previous one, and so on; fewest first.
                let fate = |choice: &i64| {
                    let rounds = slow.rounds.iter().rev();
                    rounds.map(|round| round[choice]).collect::<Vec<_>>()
                };
                let worst = still_in.iter().map(fate).min();
                let tied = still_in.iter().copied();
                let tied: BTreeSet<i64> =
                    tied.filter(|choice| Some(fate(choice)) == worst).collect();
                let lowest = match draw {
                    None => tied.into_iter().next_back(),
                    Some(draw) => two_by_two(ballots, tied, false)
                        .into_iter()
                        .min_by_key(|choice| draw.lot(slow.rounds.len(), *choice)),
                };
                vec![lowest.unwrap()]
            } else {
                without
            };
            still_in.retain(|choice| !out.contains(choice));
            slow.out.push(out);
        }
    }
}

#[test]
fn the_run_off_agrees_with_a_slow_and_plain_one() {
    let (shared, long) = (Cell::new(0), Cell::new(0));
    let met =
        [Tie::EarlierRound, Tie::Pairs, Tie::Order, Tie::Drawn].map(|tie| (Cell::new(0), tie));
    let note = |counter: &Cell<usize>, met: bool| counter.set(counter.get() + usize::from(met));
    let draw = Draw::new("poll", Seed::random(), ReceiptsHash::default());
    hold(
        5_000,
        &(any::<bool>(), ranked_election()),
        |(drawn, (choices, ballots))| {
            let draw = drawn.then_some(&draw);
            let names: Vec<String> = (1..=choices).map(|choice| choice.to_string()).collect();
            let mut counted = BTreeMap::<String, i64>::new();
            for ballot in &ballots {
                *counted
                    .entry(
                        ballot
                            .iter()
                            .map(ToString::to_string)
                            .collect::<Vec<_>>()
                            .join(">"),
                    )
                    .or_default() += 1;
            }
            let counted: Vec<(&str, i64)> = counted
                .iter()
                .map(|(text, times)| (text.as_str(), *times))
                .collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut poll = poll(Kind::Ranked, &names);
            poll.draw = draw.map(|_| "seed".to_owned());
            let fast = counted::count(&poll, &tally(&counted), draw);
            let slow = slow::run_off(choices, &ballots, draw);
            let rounds: Vec<BTreeMap<i64, i64>> = fast
                .rounds
                .iter()
                .map(|round| {
                    round
                        .standing
                        .iter()
                        .map(|standing| (standing.choice, standing.votes))
                        .collect()
                })
                .collect();
            assert_eq!(rounds, slow.rounds, "{counted:?}");
            let out: Vec<Vec<i64>> = fast
                .rounds
                .iter()
                .map(|round| round.out.clone())
                .filter(|out| !out.is_empty())
                .collect();
            assert_eq!(out, slow.out, "{counted:?}");
            let winners: BTreeSet<i64> = fast
                .rows
                .iter()
                .filter(|row| row.leads)
                .map(|row| row.position)
                .collect();
            assert_eq!(winners, slow.winners, "{counted:?}");
            for pair in fast.rounds.windows(2) {
                // The votes of eliminated choices are transferred or exhausted.
                let left: i64 = pair[0]
                    .standing
                    .iter()
                    .filter(|standing| pair[0].out.contains(&standing.choice))
                    .map(|standing| standing.votes)
                    .sum();
                let came: i64 = pair[1]
                    .standing
                    .iter()
                    .map(|standing| standing.gained)
                    .sum();
                assert_eq!(left, came + pair[1].exhausted - pair[0].exhausted);
            }
            assert!(
                fast.rounds
                    .iter()
                    .all(|round| round.votes() + round.exhausted == fast.ballots)
            );
            for (times, tie) in &met {
                note(
                    times,
                    fast.rounds.iter().any(|round| round.tie == Some(*tie)),
                );
            }
            note(&shared, slow.winners.len() > 1);
            note(&long, slow.rounds.len() > 3);
        },
    );
    let (shared, long) = (shared.get(), long.get());
    // Make sure the random elections covered the interesting cases.
    assert!(
        met.iter().all(|(times, _)| times.get() > 70) && shared > 120 && long > 120,
        "{met:?}, {shared} shared wins, {long} long run-offs"
    );
}

#[test]
fn votes_by_choice_agree_with_a_slow_and_plain_count() {
    let election = (1..=7_i64).prop_flat_map(|choices| (Just(choices), vec(1..=choices, 0..=40)));
    hold(5_000, &election, |(choices, cast)| {
        let names: Vec<String> = (1..=choices).map(|choice| choice.to_string()).collect();
        let mut counted = BTreeMap::<String, i64>::new();
        for choice in &cast {
            *counted.entry(choice.to_string()).or_default() += 1;
        }
        let counted: Vec<(&str, i64)> = counted
            .iter()
            .map(|(text, times)| (text.as_str(), *times))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for kind in [Kind::Single, Kind::Multiple { most: 3 }] {
            let count = count(&poll(kind, &names), &tally(&counted));
            for row in &count.rows {
                let votes = cast
                    .iter()
                    .filter(|choice| **choice == row.position)
                    .count();
                assert_eq!(usize::try_from(row.votes).unwrap(), votes);
                assert_eq!(
                    row.leads,
                    votes > 0
                        && names.iter().all(|name| cast
                            .iter()
                            .filter(|choice| choice.to_string() == **name)
                            .count()
                            <= votes)
                );
            }
        }
    });
}
