//! Unit tests of `export`.

use super::*;
use crate::polls::model::counting::count::Row;
use crate::polls::model::counting::count::{Count, Steps};
use crate::polls::model::counting::share::Share;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::Correction;

#[test]
fn a_spreadsheet_runs_nothing_and_keeps_every_sign() {
    let row = |text: &str| Row {
        position: 1,
        text: text.to_owned(),
        votes: 3,
        percent: Share::of(3, 3),
        leads: true,
    };
    let count = |text: &str| Count {
        kind: Kind::Single,
        ballots: 3,
        version: 3,
        rows: vec![row(text)],
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps::default(),
    };
    let sheet = |text: &str| String::from_utf8(to_csv(&count(text), &[]).unwrap()).unwrap();
    assert_eq!(
        sheet("Tea, \"black\""),
        "\u{feff}choice,votes,percent,leads\r\n\"Tea, \"\"black\"\"\",3,100,yes\r\n"
    );
    for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1"] {
        assert!(
            sheet(formula).contains(&format!("\n'{formula},3,")),
            "{formula}"
        );
    }
}

#[test]
fn of_several_choices_a_spreadsheet_has_the_shares_of_voters_and_of_votes_and_last_the_corrections()
{
    let choices = ["A", "B"].map(str::to_owned);
    let rows = (1..)
        .zip(choices)
        .zip([2, 1])
        .map(|((position, text), votes)| Row {
            position,
            text,
            votes,
            percent: Share::of(votes, 2),
            leads: votes == 2,
        });
    let count = Count {
        kind: Kind::Multiple { most: 2 },
        ballots: 2,
        version: 2,
        rows: rows.collect(),
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps::default(),
    };
    let corrections = [Correction {
        at: 1_795_521_930,
        text: "=A, or \"B\"".to_owned(),
    }];
    assert_eq!(
        String::from_utf8(to_csv(&count, &corrections).unwrap()).unwrap(),
        "\u{feff}choice,votes,percent,leads,percent of votes\r\nA,2,100,yes,67\r\nB,1,50,no,33\r\n\
         \"Correction, 2026-11-24T12:05:30Z: =A, or \"\"B\"\"\",,,,\r\n"
    );
}
