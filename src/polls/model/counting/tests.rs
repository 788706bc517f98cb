//! Tests counting against known elections and against a slow, simple second implementation.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::sample::subsequence;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::polls::model::counting::count::*;
use crate::polls::model::counting::*;
use crate::polls::model::poll::{Choice, Kind, Poll};
use crate::polls::model::selection::Selection;

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

fn poll(kind: Kind, texts: &[&str]) -> Poll {
    let choices = (1..)
        .zip(texts)
        .map(|(position, text)| Choice {
            position,
            text: (*text).to_owned(),
        })
        .collect();
    Poll {
        id: "poll".to_owned(),
        question: String::new(),
        description: String::new(),
        kind,
        results: crate::polls::model::poll::ResultsRule::Always,
        choices,
        opens_at: 0,
        closes_at: None,
        zone: "UTC".to_owned(),
        state: crate::polls::model::poll::State::Open,
        listed: true,
        changeable: false,
        shuffled: false,
        rankings: false,
        countries: Vec::new(),
        mobile_only: false,
        per_account: false,
    }
}

/// Builds a tally from selections as text and the number of ballots for each.
fn tally(said: &[(&str, i64)]) -> Tally {
    let mut votes: Vec<_> = said
        .iter()
        .map(|(text, times)| (Selection::read(text).unwrap(), *times))
        .collect();
    votes.sort();
    Tally {
        ballots: said.iter().map(|(_, times)| times).sum(),
        changes: 0,
        votes,
    }
}

/// The votes in each round, in the order of the poll; 0 for eliminated choices.
fn votes_by_round(count: &Count) -> Vec<Vec<i64>> {
    let has = |round: &Round, row: &Row| {
        round
            .standing
            .iter()
            .find(|standing| standing.choice == row.position)
            .map_or(0, |standing| standing.votes)
    };
    count
        .rounds
        .iter()
        .map(|round| count.rows.iter().map(|row| has(round, row)).collect())
        .collect()
}

fn leading(count: &Count) -> Vec<&str> {
    count
        .rows
        .iter()
        .filter(|row| row.leads)
        .map(|row| row.text.as_str())
        .collect()
}

#[test]
fn percentages_add_up_to_a_hundred() {
    assert_eq!(shares(&[1, 1, 1]), [34, 33, 33]);
    assert_eq!(shares(&[1, 2, 3]), [17, 33, 50]);
    assert_eq!(shares(&[0, 0]), [0, 0]);
    assert_eq!(shares(&[7, 0]), [100, 0]);
    // Every split of up to 30 votes over three choices.
    for (a, b, c) in (0..=30)
        .flat_map(|a| (0..=30 - a).flat_map(move |b| (0..=30 - a - b).map(move |c| (a, b, c))))
    {
        let sum: i64 = shares(&[a, b, c]).iter().sum();
        assert_eq!(sum, if a + b + c == 0 { 0 } else { 100 });
    }
}

#[test]
fn no_share_is_a_whole_percent_away_from_its_votes() {
    let votes = [13, 29, 0, 58, 1];
    for (votes, share) in votes.iter().zip(shares(&votes)) {
        assert!(
            (votes * 100 - share * 101).abs() < 101,
            "{votes} of 101 shown as {share} %"
        );
    }
}

#[test]
fn every_choice_is_shown_in_order_and_ties_lead_together() {
    let count = count(
        &poll(Kind::Single, &["A", "B", "C"]),
        &tally(&[("3", 2), ("1", 2)]),
    );
    let shown: Vec<_> = count
        .rows
        .iter()
        .map(|row| (row.votes, row.percent, row.leads))
        .collect();
    assert_eq!(shown, [(2, 50, true), (0, 0, false), (2, 50, true)]);
    assert!(count.rounds.is_empty());
    for kind in [Kind::Single, Kind::Multiple { most: 2 }, Kind::Ranked] {
        let nothing =
            crate::polls::model::counting::count(&poll(kind, &["A", "B"]), &Tally::default());
        assert!(
            nothing.rounds.is_empty()
                && nothing
                    .rows
                    .iter()
                    .all(|row| !row.leads && row.percent == 0)
        );
    }
}

#[test]
fn several_choices_are_shares_of_the_votes_and_ballots_are_told_apart() {
    let mut votes = tally(&[("1", 3), ("2", 2), ("3", 1)]);
    votes.ballots = 4;
    let count = count(&poll(Kind::Multiple { most: 2 }, &["A", "B", "C"]), &votes);
    assert_eq!((count.ballots, count.votes()), (4, 6));
    assert_eq!(
        count.rows.iter().map(|row| row.percent).collect::<Vec<_>>(),
        [50, 33, 17]
    );
    assert_eq!(leading(&count), ["A"]);
}

/// The textbook example of choosing a capital: Memphis has the most first choices but doesn't win.
#[test]
fn tennessee_chooses_knoxville_in_three_rounds() {
    let cities = poll(
        Kind::Ranked,
        &["Memphis", "Nashville", "Chattanooga", "Knoxville"],
    );
    let count = count(
        &cities,
        &tally(&[
            ("1>2>3>4", 42),
            ("2>3>4>1", 26),
            ("3>4>2>1", 15),
            ("4>3>2>1", 17),
        ]),
    );
    assert_eq!(
        votes_by_round(&count),
        [[42, 26, 15, 17], [42, 26, 0, 32], [42, 0, 0, 58]]
    );
    assert_eq!(
        count
            .rounds
            .iter()
            .map(|round| round.out.clone())
            .collect::<Vec<_>>(),
        [vec![3], vec![2], vec![]]
    );
    assert_eq!(
        count.rounds[1].standing[2],
        Standing {
            choice: 4,
            votes: 32,
            gained: 15
        }
    );
    assert_eq!(
        count.rounds[2].standing[1],
        Standing {
            choice: 4,
            votes: 58,
            gained: 26
        }
    );
    assert_eq!(leading(&count), ["Knoxville"]);
}

/// The last two rounds of the 2009 mayoral election in Burlington, Vermont, from its published
/// totals. Wright led Kiss by 3,294 votes to 2,981 when Montroll was eliminated with 2,554; Kiss
/// then won by 4,313 to 4,061, with 455 more ballots exhausted.
#[test]
fn burlington_turns_round_when_the_third_goes_out() {
    let candidates = poll(Kind::Ranked, &["Kiss", "Wright", "Montroll"]);
    let count = count(
        &candidates,
        &tally(&[
            ("1", 2_981),
            ("2", 3_294),
            ("3>1", 1_332),
            ("3>2", 767),
            ("3", 455),
        ]),
    );
    assert_eq!(
        votes_by_round(&count),
        [vec![2_981, 3_294, 2_554], vec![4_313, 4_061, 0]]
    );
    assert_eq!(
        (count.rounds[1].exhausted, leading(&count)),
        (455, vec!["Kiss"])
    );
}

#[test]
fn ties_for_the_last_place_are_decided_without_chance() {
    let three = poll(Kind::Ranked, &["A", "B", "C"]);
    // B and C are tied and there is no earlier round: the lower one in the list is eliminated.
    let by_order = count(&three, &tally(&[("1", 3), ("2", 2), ("3>2", 2)]));
    assert_eq!(
        (by_order.rounds[0].out.clone(), by_order.rounds[0].tie),
        (vec![3], Some(Tie::Order))
    );
    assert_eq!(leading(&by_order), ["B"]);
    // In round two A, B and C have 4, 4 and 5 votes, and A had fewer than B in round one.
    let four = poll(Kind::Ranked, &["A", "B", "C", "D"]);
    let by_round = count(&four, &tally(&[("1>3", 3), ("2", 4), ("3", 5), ("4>1", 1)]));
    assert_eq!(
        (by_round.rounds[1].out.clone(), by_round.rounds[1].tie),
        (vec![1], Some(Tie::EarlierRound))
    );
    // Tied to the end, A and B win together.
    let level = count(&three, &tally(&[("1", 2), ("2", 2)]));
    assert_eq!(
        (
            level.rounds[0].out.clone(),
            level.rounds.len(),
            leading(&level)
        ),
        (vec![3], 2, vec!["A", "B"])
    );
    let all = count(&three, &tally(&[("1>2", 1), ("2>3", 1), ("3>1", 1)]));
    assert_eq!((all.rounds.len(), leading(&all)), (1, vec!["A", "B", "C"]));
}

#[test]
fn half_of_the_votes_is_no_majority_and_one_more_is() {
    let three = poll(Kind::Ranked, &["A", "B", "C"]);
    assert_eq!(
        count(&three, &tally(&[("1", 4), ("2", 3), ("3>2", 1)]))
            .rounds
            .len(),
        2
    );
    assert_eq!(
        count(&three, &tally(&[("1", 5), ("2", 3), ("3>2", 1)]))
            .rounds
            .len(),
        1
    );
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
        let mut said = BTreeMap::<String, i64>::new();
        for ballot in &ballots {
            *said
                .entry(
                    ballot
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(">"),
                )
                .or_default() += 1;
        }
        let said: Vec<(&str, i64)> = said
            .iter()
            .map(|(text, times)| (text.as_str(), *times))
            .collect();
        let fast = count(
            &poll(
                Kind::Ranked,
                &names.iter().map(String::as_str).collect::<Vec<_>>(),
            ),
            &tally(&said),
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
        assert_eq!(rounds, slow.rounds, "{said:?}");
        let out: Vec<Vec<i64>> = fast
            .rounds
            .iter()
            .map(|round| round.out.clone())
            .filter(|out| !out.is_empty())
            .collect();
        assert_eq!(out, slow.out, "{said:?}");
        let winners: BTreeSet<i64> = fast
            .rows
            .iter()
            .filter(|row| row.leads)
            .map(|row| row.position)
            .collect();
        assert_eq!(winners, slow.winners, "{said:?}");
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
        let mut said = BTreeMap::<String, i64>::new();
        for choice in &cast {
            *said.entry(choice.to_string()).or_default() += 1;
        }
        let said: Vec<(&str, i64)> = said
            .iter()
            .map(|(text, times)| (text.as_str(), *times))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for kind in [Kind::Single, Kind::Multiple { most: 3 }] {
            let count = count(&poll(kind, &names), &tally(&said));
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
