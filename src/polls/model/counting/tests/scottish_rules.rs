//! Tests counting for several winners in known elections.

use std::collections::BTreeMap;

use super::{count, leading, poll, tally};
use crate::polls::model::counting::count::Tally;
use crate::polls::model::counting::rankings::stages::{Fate, UNITS};
use crate::polls::model::kind::Kind;
use crate::polls::model::selection::Selection;

/// Two thirds of the voters want citrus fruit, so two of three seats are theirs.
#[test]
fn a_surplus_moves_on_at_a_value_cut_to_five_decimals() {
    let fruit = poll(
        Kind::Seats { seats: 3 },
        &["Orange", "Mandarin", "Pear", "Apple"],
    );
    let count = count(&fruit, &tally(&[("1>2", 7), ("3>4", 3), ("4", 1)]));
    let seats = count.steps.seats.clone().unwrap();
    // 11 votes, a quarter of them and one: 3. The surplus is 4, of 7 ballots.
    assert_eq!(seats.quota, 3);
    assert_eq!(seats.stages[0].elected, [1, 3]);
    assert_eq!(seats.stages[0].surplus, [1]);
    assert_eq!(seats.stages[1].votes_of(2), Some(7 * 57_142));
    assert_eq!(seats.stages[1].exhausted, 400_000 - 7 * 57_142);
    assert_eq!(leading(&count), ["Orange", "Mandarin", "Pear"]);
    assert_eq!(seats.fate(2), Fate::Elected(2));
    assert_eq!(seats.fate(4), Fate::Out(2));
}

#[test]
fn no_votes_move_once_as_many_are_left_as_seats() {
    let two = poll(Kind::Seats { seats: 2 }, &["A", "B", "C"]);
    let count = count(&two, &tally(&[("1", 3), ("2", 3), ("3>1", 2), ("2>1", 0)]));
    let stages = count.steps.seats.unwrap().stages;
    // The quota is 3: A and B have it at once.
    assert_eq!(
        (stages.len(), stages[0].elected.as_slice()),
        (1, &[1, 2][..])
    );
    let count = super::count(&two, &tally(&[("1", 5), ("2", 3), ("3>2", 2), ("3", 2)]));
    let stages = count.steps.seats.unwrap().stages;
    let [.., before, last] = stages.as_slice() else {
        panic!("{stages:?}");
    };
    assert_eq!(
        (before.out.as_slice(), last.remaining.as_slice()),
        (&[2][..], &[3][..])
    );
    assert_eq!(last.votes_of(3), Some(4 * UNITS));
}

/// A million ballots of ten thousand rankings of twenty choices.
#[test]
fn a_large_tally_is_counted() {
    let (mut state, mut votes) = (1_u64, BTreeMap::new());
    let mut below = |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % limit
    };
    while votes.len() < 10_000 {
        let mut rest: Vec<usize> = (1..=20).collect();
        let ranked = (0..10).map(|_| rest.swap_remove(below(rest.len())).to_string());
        let ranked: Vec<String> = ranked.collect();
        votes.insert(Selection::read(&ranked.join(">")).unwrap(), 100);
    }
    let names: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let tally = Tally {
        ballots: 1_000_000,
        changes: 0,
        votes: votes.into_iter().collect(),
    };
    for kind in [Kind::Pairs, Kind::Seats { seats: 7 }] {
        let count = count(&poll(kind, &names), &tally);
        assert_eq!(leading(&count).len(), usize::try_from(kind.most()).unwrap());
    }
}
