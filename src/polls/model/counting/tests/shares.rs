//! Tests counting single and multiple choice polls: votes, shares and leading choices.

use super::{leading, poll, tally};
use crate::polls::model::counting::count;
use crate::polls::model::counting::count::{Tally, shares};
use crate::polls::model::poll::Kind;

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
