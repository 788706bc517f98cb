//! Unit tests of `rounds`.

use super::*;
use crate::polls::model::counting::count::{Standing, Steps};
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

#[test]
fn a_round_says_what_it_has_come_to() {
    let count = Count {
        kind: Kind::Ranked,
        ballots: 5,
        version: 5,
        rows: Vec::new(),
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps::default(),
    };
    let round = |votes: &[i64], out: &[i64], tie| Round {
        standing: (1..)
            .zip(votes)
            .map(|(choice, votes)| Standing {
                choice,
                votes: *votes,
                gained: 0,
            })
            .collect(),
        exhausted: 0,
        out: out.to_vec(),
        tie,
    };
    assert_eq!(
        ending(&count, &round(&[3, 2], &[], None)),
        "3 of 5 votes: a majority."
    );
    assert_eq!(
        ending(&count, &round(&[2, 2], &[], None)),
        "Everyone left is tied."
    );
    assert_eq!(
        ending(&count, &round(&[3, 0, 0], &[2, 3], None)),
        "“\u{2068}\u{2069}” and “\u{2068}\u{2069}” are out, with no votes."
    );
    assert!(
        ending(&count, &round(&[2, 2, 1], &[3], None))
            .ends_with("out. Its vote moves to that voter's next choice still in the race.")
    );
    assert!(
        ending(&count, &round(&[5, 3, 3], &[3], Some(Tie::Order)))
            .contains("lower on the list. Its 3 votes")
    );
}
