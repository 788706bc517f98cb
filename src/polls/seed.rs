//! Demo polls, taken from a tutorial.

use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute, places, statement};
use crate::polls::store::drafts;
use crate::polls::store::drafts::Draft;

const POLLS: [(&str, [&str; 4]); 3] = [
    (
        "What's up dog?",
        [
            "Nothing",
            "I'm OK!",
            "Up, down, all the same to me",
            "It's rabbit hunting season!",
        ],
    ),
    (
        "Who let the dogs out?",
        ["I did", "You did", "A cat did", "The Baha Men"],
    ),
    (
        "What is your favorite kind of dog?",
        ["A beagle", "A golden retriever", "A cat", "I can't choose!"],
    ),
];

/// Inserts the demo polls and returns their number.
pub async fn demo_polls(db: &Db, now: Seconds) -> Result<usize, DbErr> {
    let transaction = db.begin().await?;
    for (question, choices) in &POLLS {
        drafts::insert(&transaction, &Draft::asking(question, choices, now), now).await?;
    }
    transaction.commit().await?;
    Ok(POLLS.len())
}

/// The reason shown to admins while the demo polls are hidden.
const REASON: &str = "A poll of the demo. It is hidden while other machines can reach this site.";

/// Returns a condition that matches the demo polls, which have no owner and ask a demo question,
/// and its values, numbered from `$1`.
fn of_the_demo() -> (String, Vec<Value>) {
    (
        format!(
            "owner_id IS NULL AND question IN ({})",
            places(1, POLLS.len())
        ),
        POLLS.map(|(question, _)| question.into()).to_vec(),
    )
}

/// Hides the demo polls while other machines can reach the site, and returns how many were hidden.
pub async fn hide(db: &Db) -> Result<u64, DbErr> {
    let (theirs, mut values) = of_the_demo();
    values.push(REASON.into());
    let sql = format!(
        "UPDATE poll SET hidden_reason = ${} WHERE hidden_reason IS NULL AND {theirs}",
        values.len()
    );
    execute(db.write(), &sql, values).await
}

/// Shows the demo polls that [`hide`] hid.
pub async fn show(db: &Db) -> Result<(), DbErr> {
    execute(
        db.write(),
        "UPDATE poll SET hidden_reason = NULL WHERE hidden_reason = $1",
        [REASON.into()],
    )
    .await
    .map(drop)
}

/// Whether the database, of any schema version, has demo polls.
pub async fn in_database(db: &Db) -> Result<bool, DbErr> {
    let (theirs, values) = of_the_demo();
    let sql = format!("SELECT 1 AS one FROM poll WHERE {theirs} LIMIT 1");
    Ok(db
        .read()
        .query_one_raw(statement(db.read(), &sql, values))
        .await?
        .is_some())
}
