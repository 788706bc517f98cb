//! Unit tests of `verdicts`.

use super::*;
use crate::polls::model::counting::count::{Row, Steps};
use crate::polls::model::counting::share::Share;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

/// A count of A, B and C with these totals of ten voters.
fn count(totals: [i64; 3], leading: &[i64], final_round: Option<Final>) -> Count {
    let rows = (1..).zip(["A", "B", "C"]).zip(totals);
    let rows = rows.map(|((position, text), votes)| Row {
        position,
        text: text.to_owned(),
        votes,
        percent: Share::of(votes, 50),
        leads: leading.contains(&position),
    });
    Count {
        kind: if final_round.is_some() {
            Kind::Star
        } else {
            Kind::Score
        },
        ballots: 10,
        version: 10,
        rows: rows.collect(),
        rounds: Vec::new(),
        tie_rule: TieRule::Draw,
        steps: Steps {
            final_round,
            ..Steps::default()
        },
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a count has it or not")]
fn held(prefer: &[i64], tie: Option<Tie>, undrawn: &[i64]) -> Option<Final> {
    Some(Final {
        finalists: [1, 2][..prefer.len().max(1)].to_vec(),
        prefer: prefer.to_vec(),
        same: 10 - prefer.iter().sum::<i64>(),
        tie,
        undrawn: undrawn.to_vec(),
        ..Final::default()
    })
}

fn said(count: &Count, closed: bool) -> String {
    of_ratings(count, closed).replace(['\u{2068}', '\u{2069}'], "")
}

#[test]
fn the_highest_total_wins_and_equal_totals_share_the_win() {
    let one = count([34, 20, 20], &[1], None);
    assert_eq!(
        [said(&one, true), said(&one, false)],
        [
            "“A” wins with the highest total: 34, 3.4 on average.",
            "“A” leads with the highest total: 34, 3.4 on average."
        ]
    );
    let two = count([34, 34, 20], &[1, 2], None);
    assert_eq!(
        [said(&two, true), said(&two, false)],
        [
            "“A” and “B” share the win: each has a total of 34, 3.4 on average.",
            "“A” and “B” are tied for first: each has a total of 34, 3.4 on average."
        ]
    );
    assert_eq!(
        said(&count([0; 3], &[], None), true),
        "No choice got more than 0."
    );
    let none = Count {
        ballots: 0,
        ..count([0; 3], &[], None)
    };
    assert_eq!(
        [said(&none, true), said(&none, false)],
        ["No votes were cast.", "No votes to show yet."]
    );
}

#[test]
fn a_final_names_both_choices_and_what_decided() {
    let final_of = |prefer: &[i64], tie| count([34, 30, 20], &[1], held(prefer, tie, &[]));
    assert_eq!(
        said(&final_of(&[6, 3], None), true),
        "“A” wins the final against “B”: 6 voters to 3."
    );
    for (tie, why) in [
        (Tie::Total, "but it has the higher total"),
        (Tie::Fives, "but it has more fives"),
        (Tie::Order, "but it is higher on the list"),
        (Tie::Drawn, "and it was drawn by lot"),
    ] {
        assert_eq!(
            said(&final_of(&[3, 3], Some(tie)), false),
            format!(
                "“A” leads the final against “B”: as many voters rate one higher as the other, {why}."
            )
        );
    }
    assert_eq!(
        said(&final_of(&[], None), true),
        "“A” wins: no other choice got more than 0."
    );
}

#[test]
fn a_draw_that_is_not_made_yet_leaves_the_result_open() {
    let open = |prefer: &[i64], undrawn: &[i64]| {
        said(
            &count([30, 20, 20], &[], held(prefer, None, undrawn)),
            false,
        )
    };
    assert_eq!(
        open(&[], &[2, 3]),
        "Still open: “B” and “C” are tied for a place in the final. A draw at the close decides."
    );
    assert_eq!(
        open(&[4, 4], &[1, 2]),
        "Still open: “A” and “B” are level in the final. A draw at the close decides."
    );
}
