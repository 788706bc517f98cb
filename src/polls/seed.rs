//! The tutorial's polls, for the demo.

use sea_orm::DbErr;

use super::store::{self, Draft};
use crate::clock::Seconds;
use crate::db::Db;

const POLLS: [(&str, [&str; 4]); 3] = [
    ("What's up dog?", ["Nothing", "I'm OK!", "Up, down, all the same to me", "It's rabbit hunting season!"]),
    ("Who let the dogs out?", ["I did", "You did", "A cat did", "The Baha Men"]),
    ("What is your favorite kind of dog?", ["A beagle", "A golden retriever", "A cat", "I can't choose!"]),
];

/// Makes the demo's polls, the tutorial's first one newest, and tells how many.
///
/// # Errors
/// When the database fails.
pub async fn demo_polls(db: &Db, now: Seconds) -> Result<usize, DbErr> {
    let transaction = db.begin().await?;
    for (question, choices) in &POLLS {
        store::insert(&transaction, &Draft::asking(question, choices, now), now).await?;
    }
    transaction.commit().await?;
    Ok(POLLS.len())
}
