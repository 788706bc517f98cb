//! Tests how ties are decided where a draw has the last word.

use super::{leading, poll, tally};
use crate::polls::model::counting::count::{Count, Tie};
use crate::polls::model::counting::counted;
use crate::polls::model::draw::{Draw, ReceiptsHash, Seed};
use crate::polls::model::kind::Kind;

/// Counts rankings of A, B, C and D by the rule with the draw.
fn counted(ballots: &[(&str, i64)], draw: Option<&Draw>) -> Count {
    let mut poll = poll(Kind::Ranked, &["A", "B", "C", "D"]);
    poll.draw = Some("seed".to_owned());
    counted::count(&poll, &tally(ballots), draw)
}

fn draw(seed: u8) -> Draw {
    let seed = Seed::from_bytes(&[seed; 32]).unwrap();
    Draw::new("poll", seed, ReceiptsHash::default())
}

fn last_tie(count: &Count) -> Option<Tie> {
    count.rounds.last().unwrap().tie
}

#[test]
fn choices_that_are_all_level_are_compared_two_by_two() {
    // Both others rank below A on four of six ballots.
    let count = counted(&[("1>2", 2), ("2>1", 2), ("3>1", 2)], None);
    assert_eq!(leading(&count), ["A"]);
    assert_eq!(last_tie(&count), Some(Tie::Pairs));
    // A and B beat C and tie with each other.
    let count = counted(&[("1>2", 1), ("2>1", 1), ("3", 1)], None);
    assert_eq!(leading(&count), ["A", "B"]);
    // In a circle, none does better than the others.
    let count = counted(&[("1>2", 1), ("2>3", 1), ("3>1", 1)], None);
    assert_eq!(
        (leading(&count), last_tie(&count)),
        (vec!["A", "B", "C"], None)
    );
    let two = counted(&[("1", 2), ("2", 2)], None);
    assert_eq!((leading(&two), last_tie(&two)), (vec!["A", "B"], None));
}

#[test]
fn choices_that_are_all_level_are_first_compared_by_earlier_rounds() {
    let count = counted(&[("1", 4), ("2", 3), ("3>2", 1)], None);
    assert_eq!(count.rounds.len(), 3);
    assert_eq!(
        (leading(&count), last_tie(&count)),
        (vec!["A"], Some(Tie::EarlierRound))
    );
}

#[test]
fn a_tie_for_last_is_decided_by_pairs_before_a_draw() {
    // B and C have two first choices each, and more voters rank C above B.
    let count = counted(&[("1>3", 3), ("2>1", 2), ("3>1", 2)], None);
    assert_eq!(
        (count.rounds[0].out.clone(), count.rounds[0].tie),
        (vec![4], None)
    );
    assert_eq!(
        (count.rounds[1].out.clone(), count.rounds[1].tie),
        (vec![2], Some(Tie::Pairs))
    );
    assert_eq!(leading(&count), ["A"]);
}

#[test]
fn before_the_close_a_draw_stays_open() {
    let ballots = [("1", 3), ("2", 2), ("3", 2)];
    let open = counted(&ballots, None);
    assert!(open.is_undrawn() && leading(&open).is_empty());
    assert_eq!(open.rounds.last().unwrap().out, [2, 3]);
    assert!(open.rows.iter().map(|row| row.votes).eq([3, 2, 2, 0]));
}

#[test]
fn a_draw_decides_who_is_out_the_same_way_each_time() {
    let ballots = [("1", 3), ("2>3", 2), ("3>2", 2)];
    let winner = |seed| {
        let count = counted(&ballots, Some(&draw(seed)));
        assert!(!count.is_undrawn());
        let drawn = count
            .rounds
            .iter()
            .find(|round| round.tie == Some(Tie::Drawn));
        let number = count
            .rounds
            .iter()
            .position(|round| round.tie == Some(Tie::Drawn));
        let lots = [2, 3].map(|choice| (draw(seed).lot(number.unwrap() + 1, choice), choice));
        assert_eq!(drawn.unwrap().out, [lots.into_iter().min().unwrap().1]);
        leading(&count).concat()
    };
    let winners: Vec<String> = (0..20).map(winner).collect();
    assert_eq!(winners, (0..20).map(winner).collect::<Vec<_>>());
    assert!(winners.contains(&"B".to_owned()) && winners.contains(&"C".to_owned()));
}
