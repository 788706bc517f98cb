//! Unit tests of `verdicts`.

use super::*;
use crate::polls::model::counting::count::{Row, Steps};
use crate::polls::model::counting::share::Share;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

fn count(kind: Kind, leads: &[i64]) -> Count {
    let rows = (1..).zip(["A", "B", "C", "D", "E", "F"]);
    Count {
        kind,
        ballots: 9,
        version: 9,
        rows: rows
            .map(|(position, text)| Row {
                position,
                text: text.to_owned(),
                votes: 1,
                percent: Share::of(1, 9),
                leads: leads.contains(&position),
            })
            .collect(),
        rounds: Vec::new(),
        tie_rule: TieRule::Draw,
        steps: Steps::default(),
    }
}

fn plain(sentence: &str) -> String {
    sentence.replace(['\u{2068}', '\u{2069}'], "")
}

#[test]
fn pairs_say_why_a_choice_wins() {
    let duels = |above: [[i64; 2]; 2], unbeaten: &[i64], tie| Duels {
        above: above.map(Vec::from).to_vec(),
        left_out: Vec::new(),
        unbeaten: unbeaten.to_vec(),
        tie,
    };
    let one = count(Kind::Pairs, &[1]);
    let said = |duels: &Duels, closed| plain(&of_pairs(&one, duels, closed));
    let beats = duels([[0, 5], [4, 0]], &[1], None);
    assert_eq!(
        said(&beats, true),
        "“A” wins: two by two, it beats each other choice."
    );
    assert_eq!(
        said(&beats, false),
        "“A” leads: two by two, it beats each other choice."
    );
    let circle = duels([[0, 4], [5, 0]], &[1], None);
    assert_eq!(
        said(&circle, true),
        "“A” wins: two by two, it is the only choice left unbeaten."
    );
    let level = |tie| duels([[0, 4], [4, 0]], &[1, 2], Some(tie));
    assert_eq!(
        said(&level(Tie::Drawn), true),
        "“A” wins by a draw: two by two, “A” and “B” are level."
    );
    let open = of_pairs(&count(Kind::Pairs, &[]), &level(Tie::Undrawn), false);
    assert_eq!(
        plain(&open),
        "Still open: two by two, “A” and “B” are level. A draw at the close decides which of them wins."
    );
}

#[test]
fn seats_name_the_elected_and_count_the_rest() {
    let seats = |elected: &[i64], out: &[i64], tie| Seats {
        seats: 3,
        quota: 3,
        stages: vec![Stage {
            elected: elected.to_vec(),
            out: out.to_vec(),
            tie,
            ..Stage::default()
        }],
    };
    let count = count(Kind::Seats { seats: 3 }, &[1, 2, 3]);
    let said = |seats: &Seats, closed| plain(&of_seats(&count, seats, closed));
    assert_eq!(
        said(&seats(&[2, 1, 3], &[], None), true),
        "“B”, “A” and “C” are elected."
    );
    assert_eq!(
        said(&seats(&[1, 2, 3], &[], None), false),
        "“A”, “B” and “C” are ahead for 3 seats."
    );
    assert_eq!(
        said(&seats(&[1, 2, 3, 4, 5], &[], None), true),
        "“A”, “B”, “C” and 2 more are elected."
    );
    assert_eq!(
        said(&seats(&[1], &[2, 3], Some(Tie::Undrawn)), false),
        "“A” is ahead for 3 seats. Still open: in stage 1, “B” and “C” are tied for last. \
         A draw at the close decides which of them is out."
    );
    assert_eq!(
        said(&seats(&[1, 2], &[3], Some(Tie::Drawn)), true),
        "“A” and “B” are elected. “C” went out by a draw."
    );
}
