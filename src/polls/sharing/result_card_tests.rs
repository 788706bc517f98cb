//! Unit tests of `result_card`.

use super::*;
use crate::polls::model::counting::count::Steps;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

/// A count of choices and their votes, as many as there are voters.
fn count(rows: &[(&str, i64)]) -> Count {
    let ballots = rows.iter().map(|(_, votes)| votes).sum();
    let most = rows.iter().map(|(_, votes)| *votes).max().unwrap();
    let rows = (1..).zip(rows).map(|(position, (text, votes))| Row {
        position,
        text: (*text).to_owned(),
        votes: *votes,
        percent: Share::of(*votes, ballots),
        leads: *votes == most && most > 0,
    });
    Count {
        kind: Kind::Single,
        ballots,
        version: ballots,
        rows: rows.collect(),
        rounds: Vec::new(),
        tie_rule: TieRule::default(),
        steps: Steps::default(),
    }
}

#[test]
fn a_card_has_the_size_of_a_preview_and_shows_the_result() {
    let png = draw("Which dog?", &count(&[("Beagle", 3), ("Collie", 1)])).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(
        png[16..24],
        [1200_u32.to_be_bytes(), 630_u32.to_be_bytes()].concat()
    );
    let again = |question: &str, rows: &[(&str, i64)]| draw(question, &count(rows)).unwrap();
    assert_eq!(png, again("Which dog?", &[("Beagle", 3), ("Collie", 1)]));
    for other in [
        again("Which cat?", &[("Beagle", 3), ("Collie", 1)]),
        again("Which dog?", &[("Beagle", 3), ("Collie", 2)]),
        again("Which dog?", &[("Beagle", 3), ("Poodle", 1)]),
        again("Which dog?", &[("Beagle", 0), ("Collie", 0)]),
    ] {
        assert_ne!(png, other);
    }
}

#[test]
fn the_verdict_keeps_its_numbers_when_choices_are_long() {
    let letters = Letters::open().unwrap();
    let told = |rows: &[(&str, i64)]| verdict_lines(&letters, &count(rows));
    assert_eq!(
        told(&[("Beagle", 1_234), ("Collie", 1)]).join(" "),
        "“Beagle” has the most votes: 1,234."
    );
    let long = "A dog that waits for its bone ".repeat(6);
    for rows in [
        vec![(long.as_str(), 7), ("Collie", 1)],
        vec![(long.as_str(), 7), (long.as_str(), 7)],
    ] {
        let lines = told(&rows);
        assert!(lines.len() <= VERDICT.1, "{lines:?}");
        let told = lines.join(" ");
        assert!(told.contains('7') && told.contains('…'), "{told}");
    }
    let many = vec![("A dog like any other", 7); 50];
    let lines = told(&many);
    assert_eq!(lines.len(), VERDICT.1);
    assert!(lines[1].ends_with('…'), "{lines:?}");
    assert!(
        lines
            .iter()
            .all(|line| letters.width(line, VERDICT.0) <= WIDTH)
    );
}

#[test]
fn a_text_that_is_too_wide_ends_with_an_ellipsis() {
    let letters = Letters::open().unwrap();
    assert_eq!(letters.cut("Beagle", 300.0, 30.0), "Beagle");
    for text in ["W".repeat(200), "W ".repeat(100), "…".repeat(100)] {
        let cut = letters.cut(&text, 300.0, 30.0);
        assert!(
            cut.ends_with('…') && letters.width(&cut, 30.0) <= 300.0,
            "{cut}"
        );
        assert!(!cut.ends_with(" …"), "{cut}");
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let (size, lines) = letters.fit_below(LARGEST_QUESTION, &words, 300.0, 40.0);
        assert!(lines.iter().all(|line| letters.width(line, size) <= 300.0));
        assert!(lines.last().unwrap().ends_with('…'), "{lines:?}");
    }
}

#[test]
fn letters_that_we_cannot_write_are_replaced() {
    let letters = Letters::open().unwrap();
    let count = count(&[("犬", 3), ("Dog 🐶", 1)]);
    let texts: Vec<String> = printable(&letters, &count)
        .rows
        .into_iter()
        .map(|row| row.text)
        .collect();
    assert_eq!(texts, ["Choice 1", "Dog"]);
    assert_eq!(
        draw("犬は？", &count).unwrap(),
        og_image::draw("犬は？").unwrap()
    );
    assert_ne!(
        draw("Dog?", &count).unwrap(),
        og_image::draw("Dog?").unwrap()
    );
}

#[test]
fn the_turnout_says_what_the_bars_leave_out() {
    let mut count = count(&[("Beagle", 1), ("Collie", 0)]);
    assert_eq!(turnout(&count, 0), "1 voter");
    count.ballots = 1_234;
    assert_eq!(turnout(&count, 1), "1,234 voters · 1 more choice");
    assert_eq!(turnout(&count, 45), "1,234 voters · 45 more choices");
}
