//! Tests counting single and multiple choice polls: votes, shares and leading choices.

use super::{count, leading, poll, tally};
use crate::polls::model::counting::count::Tally;
use crate::polls::model::counting::share::Share;
use crate::polls::model::kind::Kind;

/// The shares of these votes in words, without the space before the sign.
fn texts(votes: &[i64]) -> Vec<String> {
    let all = votes.iter().sum();
    let text = |&votes| Share::of(votes, all).text(all).replace('\u{a0}', "");
    votes.iter().map(text).collect()
}

#[test]
fn equal_votes_have_equal_shares() {
    assert_eq!(texts(&[4, 4, 6]), ["29%", "29%", "43%"]);
    assert_eq!(texts(&[1, 1, 1]), ["33%", "33%", "33%"]);
    assert_eq!(texts(&[1, 1, 1, 1, 1, 1]), ["17%"; 6]);
    assert_eq!(texts(&[333, 333, 334]), ["33.3%", "33.3%", "33.4%"]);
    assert_eq!(texts(&[0, 0]), ["0%", "0%"]);
    assert_eq!(texts(&[7, 0]), ["100%", "0%"]);
}

#[test]
fn a_share_is_rounded_to_the_nearest_step() {
    assert_eq!(texts(&[14, 286]), ["5%", "95%"]);
    assert_eq!(texts(&[1, 7]), ["13%", "88%"], "halves are rounded up");
    assert_eq!(texts(&[999, 0]), ["100%", "0%"]);
    assert_eq!(texts(&[500, 500]), ["50.0%", "50.0%"]);
    for ballots in [3, 7, 101, 999, 1_000, 1_001, 38_852] {
        let step = if ballots < 1_000 { 1.0 } else { 0.1 };
        for votes in (0..=ballots).step_by(1 + usize::try_from(ballots / 500).unwrap()) {
            #[expect(clippy::cast_precision_loss, reason = "these are small")]
            let exact = votes as f64 * 100.0 / ballots as f64;
            let shown = f64::from(Share::of(votes, ballots));
            assert!(
                (exact - shown).abs() <= step / 2.0 + 1e-9,
                "{votes} of {ballots} shown as {shown}"
            );
        }
    }
}

#[test]
fn votes_that_round_to_nothing_are_still_shown() {
    assert_eq!(texts(&[1, 299]), ["< 1%", "100%"]);
    assert_eq!(texts(&[1, 199]), ["1%", "100%"]);
    assert_eq!(texts(&[1, 38_851]), ["< 0.1%", "100.0%"]);
    assert_eq!(texts(&[20, 38_832]), ["0.1%", "99.9%"]);
    assert_eq!(Share::of(1, 300).to_string(), "0.33");
    assert_eq!(Share::of(1, 38_852).to_string(), "0.01");
}

#[test]
fn programs_get_the_share_as_a_number() {
    for (votes, ballots, json) in [(4, 14, "29.0"), (1, 300, "0.33"), (286, 1_000, "28.6")] {
        let share = Share::of(votes, ballots);
        assert_eq!(serde_json::to_string(&share).unwrap(), json);
        assert_eq!(serde_json::from_str::<Share>(json).unwrap(), share);
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
    let share = |votes| Share::of(votes, 4);
    assert_eq!(
        shown,
        [
            (2, share(2), true),
            (0, share(0), false),
            (2, share(2), true)
        ]
    );
    assert!(count.rounds.is_empty());
    let order: Vec<_> = count.by_standing().iter().map(|row| &*row.text).collect();
    assert_eq!(order, ["A", "C", "B"]);
    for kind in [Kind::Single, Kind::Multiple { most: 2 }, Kind::Ranked] {
        let nothing = super::count(&poll(kind, &["A", "B"]), &Tally::default());
        assert!(
            nothing.rounds.is_empty()
                && nothing
                    .rows
                    .iter()
                    .all(|row| !row.leads && row.percent == Share::default())
        );
    }
}

#[test]
fn several_choices_are_shares_of_the_voters() {
    let mut votes = tally(&[("1", 2), ("2", 1)]);
    votes.ballots = 2;
    let count = count(&poll(Kind::Multiple { most: 2 }, &["A", "B", "C"]), &votes);
    assert_eq!((count.ballots, count.votes()), (2, 3));
    let shares = count.rows.iter().map(|row| row.percent.to_string());
    assert_eq!(shares.collect::<Vec<_>>(), ["100", "50", "0"]);
    assert_eq!(leading(&count), ["A"]);
}
