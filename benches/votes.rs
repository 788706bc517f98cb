//! Votes a second, each synced to disk before it is acknowledged, compared with single `INSERT`s
//! committed one by one on the same disk.
//!
//! `cargo bench --bench votes`

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time and prints it"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use pollstr::platform::crypto::random;
use pollstr::platform::db::execute;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::store::polls::find;
use pollstr::polls::store::votes::tally;
use serde_json::{Value, json};
use support::{NOW, Site, client};

const CONNECTIONS: usize = 64;
const VOTERS: usize = 20_000;
const BARE: usize = 2_000;

#[tokio::main]
async fn main() {
    let site = Site::new().await;
    let poll = site
        .ask(
            |_| Draft::asking("Which dog?", &["Beagle", "Collie", "Poodle"], NOW),
            1,
        )
        .await;
    let bare = bare_inserts(&site).await;
    let votes = votes(&site, &poll).await;
    println!("bare INSERTs, committed one by one: {bare:>8.0} a second");
    println!(
        "votes over {CONNECTIONS} connections:         {votes:>8.0} a second, {:.1} times as many",
        votes / bare
    );
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
async fn bare_inserts(site: &Site) -> f64 {
    let db = site.state.db.write();
    execute(
        db,
        "CREATE TABLE bare (id BLOB NOT NULL PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
        [],
    )
    .await
    .unwrap();
    let began = Instant::now();
    for _ in 0..BARE {
        execute(
            db,
            "INSERT INTO bare (id, text) VALUES ($1, '1')",
            [random::<16>().to_vec().into()],
        )
        .await
        .unwrap();
    }
    BARE as f64 / began.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
async fn votes(site: &Site, poll: &str) -> f64 {
    let voters = Arc::new(site.voters(VOTERS).await);
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let connections = (0..CONNECTIONS).map(|_| {
        let (voters, next, origin, poll) = (
            Arc::clone(&voters),
            Arc::clone(&next),
            site.origin.clone(),
            poll.to_owned(),
        );
        tokio::spawn(async move {
            let client = client();
            let token = client
                .get(format!("{origin}/api/csrf"))
                .send()
                .await
                .unwrap();
            let cookie = token.headers()["set-cookie"]
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            let token: Value = token.json().await.unwrap();
            let token = token["token"].as_str().unwrap().to_owned();
            let mut acknowledged = 0;
            while let Some(session) = voters.get(next.fetch_add(1, Ordering::Relaxed)) {
                let vote = client
                    .post(format!("{origin}/api/cast_vote"))
                    .header("x-csrf-token", &token);
                let vote = vote
                    .header("cookie", format!("{cookie}; {session}"))
                    .header("accept", "application/json");
                let answer = vote
                    .json(&json!({ "poll": poll, "choice": "2" }))
                    .send()
                    .await
                    .unwrap();
                acknowledged += i64::from(answer.status() == 200);
            }
            acknowledged
        })
    });
    let mut acknowledged = 0;
    for connection in connections.collect::<Vec<_>>() {
        acknowledged += connection.await.unwrap();
    }
    let rate = VOTERS as f64 / began.elapsed().as_secs_f64();
    let row = find(site.state.db.read(), poll, NOW)
        .await
        .unwrap()
        .unwrap()
        .row;
    let stored = tally(site.state.db.read(), row).await.unwrap().ballots;
    assert_eq!(
        (acknowledged, stored),
        (i64::try_from(VOTERS).unwrap(), acknowledged),
        "every acknowledged vote is there"
    );
    rate
}
