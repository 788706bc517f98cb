//! What a restore says of the votes that are lost.

use std::fs;
use std::path::Path;

use pollstr::platform::clock::Clock;

use crate::database::restoring::{change, seeded};
use crate::support::operator::run_in;

const HOUR: i64 = 3_600;

/// Makes a backup as old as this.
async fn age(folder: &Path, seconds: i64) {
    let made_at = (Clock::system().now() - seconds).to_string();
    let sql = "UPDATE setting SET value = $1 WHERE name = 'backed up at'";
    change(&folder.join("copy.db"), sql, vec![made_at.into()]).await;
}

#[tokio::test]
async fn a_restore_says_how_many_hours_of_votes_are_lost() {
    let folder = seeded();
    let none = run_in(&folder, &["restore", "copy.db"]);
    let now = Clock::system().now();
    let database = folder.join("data/pollstr.db");
    let set = "UPDATE poll SET opens_at = $1, closes_at = $2 WHERE question LIKE $3";
    for (question, opens_at, closes_at) in [
        // Open all the time, closed before, and open for the last three hours.
        ("What's up%", now - 100 * HOUR, None),
        ("Who let%", now - 100 * HOUR, Some(now - 50 * HOUR)),
        ("What is your%", now - 3 * HOUR, None),
    ] {
        let values = vec![opens_at.into(), closes_at.into(), question.into()];
        for file in [&database, &folder.join("copy.db")] {
            change(file, set, values.clone()).await;
        }
    }
    age(&folder, 26 * HOUR).await;
    let sql = "UPDATE poll SET public_id = 'abcdefghij' WHERE question LIKE 'What is%'";
    change(&database, sql, Vec::new()).await;
    let asked = run_in(&folder, &["restore", "copy.db"]);
    asked.fails(4);
    let lines: Vec<_> = asked.out.lines().collect();
    assert!(
        lines[0].ends_with(" UTC, 27 hours ago.") || lines[0].ends_with(" UTC, 26 hours ago."),
        "{asked:?}"
    );
    assert!(
        [
            "Up to 26 hours of votes in 2 polls are lost:",
            "Up to 27 hours of votes in 2 polls are lost:"
        ]
        .contains(&lines[1]),
        "{asked:?}"
    );
    assert!(
        lines[3].contains(" hours of votes  ") && lines[3].ends_with("What's up dog?"),
        "{asked:?}"
    );
    assert!(
        lines[4].starts_with("abcdefghij  the poll, with ")
            && lines[4].ends_with(" of votes  What is your favorite kind of dog?"),
        "{asked:?}"
    );
    // Votes are not counted: results may be hidden.
    assert!(!asked.out.contains("Who let"), "{asked:?}");
    // Without the database, the backup says which polls were open.
    fs::write(&database, "not a database").unwrap();
    let asked = run_in(&folder, &["restore", "copy.db"]);
    assert!(
        asked.out.contains(" hours of votes in 2 polls are lost:"),
        "{asked:?}"
    );
    assert!(
        none.out.contains(" of votes in 3 polls are lost:")
            || none.out.contains("so no votes are lost."),
        "{none:?}"
    );
}
