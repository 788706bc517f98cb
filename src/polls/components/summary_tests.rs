//! Unit tests of `summary`.

use super::*;
use crate::polls::model::counting::count::{Row, Standing, Steps};
use crate::polls::model::counting::tie_rule::TieRule;

fn count(kind: Kind, ballots: i64, rows: &[(&str, i64, bool)]) -> Count {
    let rows = (1..).zip(rows).map(|(position, (text, votes, leads))| Row {
        position,
        text: (*text).to_owned(),
        votes: *votes,
        percent: Share::of(*votes, ballots),
        leads: *leads,
    });
    Count {
        kind,
        ballots,
        version: ballots,
        rows: rows.collect(),
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps::default(),
    }
}

/// The verdict without the signs around quoted texts.
fn plain(count: &Count, closed: bool) -> String {
    verdict(count, closed).replace(['\u{2068}', '\u{2069}'], "")
}

#[test]
fn the_first_and_those_level_with_it_are_named() {
    let one = count(Kind::Single, 3, &[("Yes", 2, true), ("No", 1, false)]);
    assert_eq!(plain(&one, false), "“Yes” is ahead, with 2 votes.");
    assert_eq!(plain(&one, true), "“Yes” has the most votes: 2.");
    assert_eq!(turnout(&one, false), "3 votes so far");
    let level = count(
        Kind::Multiple { most: 2 },
        1,
        &[("Yes", 1, true), ("No", 1, true), ("Maybe", 0, false)],
    );
    assert_eq!(
        plain(&level, false),
        "“Yes” and “No” are tied, with 1 vote each."
    );
    assert_eq!(
        plain(&level, true),
        "“Yes” and “No” have the most votes: 1 each."
    );
    assert_eq!(turnout(&level, true), "1 voter, 2 votes");
    let none = count(Kind::Ranked, 0, &[("Yes", 0, false)]);
    assert_eq!(
        (plain(&none, false), plain(&none, true)),
        (
            "No votes to show yet.".to_owned(),
            "No votes were cast.".to_owned()
        )
    );
}

#[test]
fn shares_that_do_not_explain_themselves_are_explained() {
    let note = |kind, ballots, votes: &[i64]| {
        let rows: Vec<_> = votes.iter().map(|votes| ("Yes", *votes, false)).collect();
        super::note(&count(kind, ballots, &rows))
    };
    assert_eq!(note(Kind::Single, 4, &[1, 3]), None);
    assert_eq!(note(Kind::Single, 0, &[0, 0]), None);
    assert!(
        note(Kind::Single, 14, &[4, 4, 6])
            .unwrap()
            .contains("rounded")
    );
    let several = Kind::Multiple { most: 2 };
    assert!(note(several, 2, &[2, 1]).unwrap().contains("of voters"));
    assert_eq!(note(several, 0, &[0, 0]), None);
}

#[test]
fn a_run_off_is_won_in_a_round() {
    let mut won = count(
        Kind::Ranked,
        100,
        &[("Memphis", 42, false), ("Knoxville", 17, true)],
    );
    let standing = |choice, votes| Standing {
        choice,
        votes,
        gained: 0,
    };
    let last = Round {
        standing: vec![standing(1, 42), standing(2, 58)],
        ..Round::default()
    };
    won.rounds = vec![Round::default(), Round::default(), last];
    assert_eq!(
        plain(&won, true),
        "“Knoxville” wins after 3 rounds, with 58 of 100 votes."
    );
    assert_eq!(
        plain(&won, false),
        "“Knoxville” leads after 3 rounds, with 58 of 100 votes."
    );
    let mut level = count(
        Kind::Ranked,
        2,
        &[("Memphis", 1, true), ("Knoxville", 1, true)],
    );
    level.rounds = vec![Round {
        standing: vec![standing(1, 1), standing(2, 1)],
        ..Round::default()
    }];
    assert_eq!(
        plain(&level, true),
        "“Memphis” and “Knoxville” tie for first: each has 1 vote after one round."
    );
}
