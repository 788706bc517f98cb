//! Tests counting motions: abstentions decide nothing and are in no share.

use proptest::collection::vec;

use super::random_elections::hold;
use super::{count, leading, poll, tally};
use crate::polls::model::kind::Kind;

const TEXTS: [&str; 3] = ["Yes", "No", "Abstain"];

#[test]
fn abstentions_lead_nowhere_and_have_no_share() {
    let count = count(
        &poll(Kind::Motion, &TEXTS),
        &tally(&[("1", 3), ("2", 1), ("3", 96)]),
    );
    assert_eq!(leading(&count), ["Yes"]);
    let shares: Vec<String> = count
        .rows
        .iter()
        .map(|row| row.percent.to_string())
        .collect();
    assert_eq!(shares, ["75", "25", "0"]);
    let shown: Vec<String> = count
        .rows
        .iter()
        .map(|row| count.final_share(row))
        .collect();
    assert_eq!(shown, ["75\u{a0}%", "25\u{a0}%", "–"]);
    assert_eq!(count.motion(), Some((3, 1, 96)));
    let order: Vec<&str> = count
        .by_standing()
        .iter()
        .map(|row| row.text.as_str())
        .collect();
    assert_eq!(
        order, TEXTS,
        "the order of a motion is for, against, abstain"
    );
}

#[test]
fn a_motion_agrees_with_a_slow_and_plain_count() {
    hold(2_000, &vec(1..=3_i64, 0..=30), |cast| {
        let ballots: Vec<(String, i64)> =
            cast.iter().map(|choice| (choice.to_string(), 1)).collect();
        let mut sums = [("1", 0), ("2", 0), ("3", 0)];
        for (choice, _) in &ballots {
            for sum in &mut sums {
                sum.1 += i64::from(sum.0 == choice);
            }
        }
        let given: Vec<(&str, i64)> = sums.into_iter().filter(|(_, votes)| *votes > 0).collect();
        let count = count(&poll(Kind::Motion, &TEXTS), &tally(&given));
        let [(_, yes), (_, no), (_, abstain)] = sums;
        assert_eq!(count.motion(), Some((yes, no, abstain)));
        assert_eq!(count.rows[0].leads, yes > 0 && yes >= no);
        assert_eq!(count.rows[1].leads, no > 0 && no >= yes);
        assert!(!count.rows[2].leads);
        for (row, votes) in count.rows.iter().zip([yes, no]) {
            let sides = yes + no;
            let rounded = if sides == 0 {
                0
            } else {
                (200 * votes + sides) / (2 * sides)
            };
            assert!(
                row.percent.to_string() == rounded.to_string() || (votes > 0 && rounded == 0),
                "{votes} of {sides}: {}",
                row.percent
            );
        }
    });
}
