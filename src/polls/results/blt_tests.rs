//! Unit tests of `blt`.

use axum::body::to_bytes;

use super::*;
use crate::polls::model::poll::{ResultsRule, State};

#[test]
fn a_name_stays_between_its_quotation_marks() {
    assert_eq!(name("The \"old\"\n0 way"), "The 'old' 0 way");
    assert_eq!(name("C:\\"), "C:\\ ");
    assert_eq!(name("a\\b"), "a\\b");
}

/// `tests/peers/blt.py` lets other programs read the same file.
#[tokio::test]
async fn awkward_names_make_a_file_that_other_programs_read() {
    let texts = [
        "The \"old\" way",
        "C:\\",
        "a\\b\\\\",
        "Plan #9 # \"best\"",
        "#1",
        "/* none */",
        "כן, בהחלט!",
        "日本 🐕",
        "0",
        "\"\"",
        "1 2 0",
    ];
    let choices = (1..).zip(texts).map(|(position, text)| Choice {
        position,
        text: text.to_owned(),
    });
    let poll = Poll {
        id: "poll".to_owned(),
        question: "What's \"next\"? #1 \\".to_owned(),
        description: String::new(),
        kind: Kind::Seats { seats: 2 },
        results: ResultsRule::Always,
        choices: choices.collect(),
        opens_at: 0,
        closes_at: None,
        zone: "UTC".to_owned(),
        state: State::Closed,
        listed: true,
        changeable: false,
        shuffled: false,
        rankings: true,
        countries: Vec::new(),
        mobile_only: false,
        per_account: false,
        draw: None,
        turnout: false,
        corrections: Vec::new(),
    };
    let counts = [
        ("1", 13),
        ("3>1>2", 2),
        ("4", 1),
        ("11>10>9>8>7>6>5>4>3>2>1", 1),
    ];
    let counts = counts.map(|(ranking, times)| (ranking.to_owned(), times));
    let body = ballot_lines(Arc::new(poll), Arc::new(BTreeMap::from(counts)));
    let file = to_bytes(body, usize::MAX).await.unwrap();
    assert_eq!(
        String::from_utf8_lossy(&file),
        include_str!("../../../tests/peers/names.blt")
    );
}
