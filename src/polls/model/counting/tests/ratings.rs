//! Tests counting of ratings against known elections.

use std::collections::BTreeSet;

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

pub(super) fn counted(kind: Kind, ballots: &[&str], draw: Option<&Draw>) -> Count {
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
    let held = count.steps.final_round.clone().unwrap();
    (count, held)
}

pub(super) fn draw(seed: u8) -> Draw {
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
    assert_eq!(count.steps.final_round, None);
}

#[test]
fn ratings_that_give_nothing_elect_nothing() {
    for kind in [Kind::Score, Kind::Star] {
        for ballots in [&[][..], &["000", "000"][..]] {
            let count = counted(kind, ballots, None);
            assert!(leading(&count).is_empty() && count.steps.final_round.is_none());
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
    assert_eq!(decided(&["52", "14"]), ("A".to_owned(), Some(Tie::Fives)));
    let (open, held) = star(&["52", "25"]);
    assert!(leading(&open).is_empty() && open.is_undrawn());
    assert_eq!((held.tie, held.undrawn), (Some(Tie::Undrawn), vec![1, 2]));
    let drawn: BTreeSet<String> = (0..20)
        .map(|seed| {
            let draw = draw(seed);
            let count = counted(Kind::Star, &["52", "25"], Some(&draw));
            assert_eq!(
                count.steps.final_round.as_ref().unwrap().tie,
                Some(Tie::Drawn)
            );
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
    assert_eq!(drawn.steps.final_round.unwrap().finalists.len(), 2);
}

#[test]
fn a_poll_without_a_seed_goes_by_its_list() {
    let texts = texts(&["52", "25"]);
    let votes: Vec<(&str, i64)> = texts.iter().map(|text| (text.as_str(), 1)).collect();
    let count = counted::count(&poll(Kind::Star, &["A", "B"]), &tally(&votes), None);
    assert_eq!(leading(&count), ["A"]);
    assert_eq!(count.steps.final_round.unwrap().tie, Some(Tie::Order));
}
