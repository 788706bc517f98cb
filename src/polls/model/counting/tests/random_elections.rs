//! Tests counting of random elections against a slow, simple second implementation.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::sample::subsequence;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{poll, tally};
use crate::polls::model::counting::count;
use crate::polls::model::poll::Kind;

/// Checks `property` of random values, the same ones in every run. A counterexample is shrunk.
fn hold<S: Strategy>(cases: u32, values: &S, property: impl Fn(S::Value)) {
    let config = Config {
        cases,
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
fn ranked_election() -> impl Strategy<Value = (i64, Vec<Vec<i64>>)> {
    (2..=7_i64).prop_flat_map(|choices| {
        let all: Vec<i64> = (1..=choices).collect();
        let ballot = subsequence(all.clone(), 1..=all.len()).prop_shuffle();
        (Just(choices), vec(ballot, 0..=25))
    })
}

/// Counts ballot by ballot and each round from scratch, following [`TIE_RULE`] literally.
mod slow {
    use super::*;

    pub(crate) struct Slow {
        pub(crate) rounds: Vec<BTreeMap<i64, i64>>,
        pub(crate) out: Vec<Vec<i64>>,
        pub(crate) winners: BTreeSet<i64>,
    }

    pub(crate) fn run_off(choices: i64, ballots: &[Vec<i64>]) -> Slow {
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
                return slow;
            }
            let without: Vec<i64> = still_in
                .iter()
                .copied()
                .filter(|choice| round[choice] == 0)
                .collect();
            let out = if without.is_empty() {
                // The votes in this round, the previous one, and so on; fewest first, then lowest
                // in the list.
                let fate = |choice: &i64| {
                    (
                        slow.rounds
                            .iter()
                            .rev()
                            .map(|round| round[choice])
                            .collect::<Vec<_>>(),
                        -choice,
                    )
                };
                vec![still_in.iter().copied().min_by_key(fate).unwrap()]
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
    let (ties, shared, long) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let note = |counter: &Cell<usize>, met: bool| counter.set(counter.get() + usize::from(met));
    hold(20_000, &ranked_election(), |(choices, ballots)| {
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
        let fast = count(
            &poll(
                Kind::Ranked,
                &names.iter().map(String::as_str).collect::<Vec<_>>(),
            ),
            &tally(&counted),
        );
        let slow = slow::run_off(choices, &ballots);
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
        note(&ties, fast.rounds.iter().any(|round| round.tie.is_some()));
        note(&shared, slow.winners.len() > 1);
        note(&long, slow.rounds.len() > 3);
    });
    let (ties, shared, long) = (ties.get(), shared.get(), long.get());
    // Make sure the random elections covered the interesting cases.
    assert!(
        ties > 1_000 && shared > 500 && long > 500,
        "{ties} ties, {shared} shared wins, {long} long run-offs"
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
