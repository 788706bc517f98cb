//! Tests instant run-off against known elections: rounds, eliminations, ties and majorities.

use super::{count, leading, poll, tally};
use crate::polls::model::counting::count::{Count, Round, Row, Standing, Tie};
use crate::polls::model::kind::Kind;

/// The votes in each round, in the order of the poll; 0 for eliminated choices.
fn votes_by_round(count: &Count) -> Vec<Vec<i64>> {
    let has = |round: &Round, row: &Row| round.votes_of(row.position).unwrap_or(0);
    count
        .rounds
        .iter()
        .map(|round| count.rows.iter().map(|row| has(round, row)).collect())
        .collect()
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
    let order: Vec<_> = count.by_standing().iter().map(|row| &*row.text).collect();
    assert_eq!(order, ["Knoxville", "Memphis", "Nashville", "Chattanooga"]);
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
