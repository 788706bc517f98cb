//! Cost of a page with much data relative to little: lists of 100,000 polls and 100, the same with
//! all but three closed, a poll with a million ballots and ten; and the time to seal and recount a
//! million ballots.
//!
//! `cargo bench --bench lists`

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time and prints it"
)]

mod support;

use std::time::Instant;

use pollstr::platform::db::{execute, statement};
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::store::polls::find;
use sea_orm::ConnectionTrait;
use support::{NOW, Site, client, page};

const FEW: usize = 100;
const MANY: usize = 100_000;

#[tokio::main]
async fn main() {
    let (few, many) = (Site::new().await, Site::new().await);
    for (site, count) in [(&few, FEW), (&many, MANY)] {
        site.ask(
            |number| {
                Draft::asking(
                    &format!("Which dog has the number {number} of all?"),
                    &["A", "B"],
                    NOW,
                )
            },
            count,
        )
        .await;
    }
    for (what, path) in [
        ("the front page", "/"),
        ("closing soon", "/?order=closing"),
        ("a search", "/?q=dog+num"),
        ("nothing found", "/?q=cat"),
    ] {
        beside(what, (&few, path), (&many, path)).await;
    }
    beside(
        "the last page",
        (&few, &last_page(&few).await),
        (&many, &last_page(&many).await),
    )
    .await;
    for site in [&few, &many] {
        let closed = "UPDATE poll SET sealing_state = 'sealed', closes_at = $1 WHERE id > 3";
        execute(site.state.db.write(), closed, [NOW.into()])
            .await
            .unwrap();
    }
    for (what, path) in [
        ("few are open", "/"),
        ("the closed ones", "/?show=closed"),
        ("an open one", "/?q=dog+num"),
    ] {
        beside(what, (&few, path), (&many, path)).await;
    }
    let (ten, million) = (voted_in(&few, 10).await, voted_in(&many, 1_000_000).await);
    for (what, rest) in [("a poll", ""), ("its results", "/results")] {
        beside(
            what,
            (&few, &format!("/polls/{ten}{rest}")),
            (&many, &format!("/polls/{million}{rest}")),
        )
        .await;
    }
    close_and_count_again(&many, &million).await;
}

/// Prints the time to seal and to recount a poll with a million ballots.
async fn close_and_count_again(site: &Site, id: &str) {
    let db = &site.state.db;
    execute(
        db.write(),
        "UPDATE poll SET closes_at = $1 WHERE public_id = $2",
        [NOW.into(), id.into()],
    )
    .await
    .unwrap();
    let began = Instant::now();
    assert_eq!(seal_due(db, &site.state.clock).await, Ok(1));
    println!("a million ballots are sealed in {:.1?}", began.elapsed());
    let began = Instant::now();
    let found = recount(db, id, NOW).await.unwrap().unwrap();
    println!(
        "and counted again in            {:.1?}: {found}",
        began.elapsed()
    );
    assert!(found.faults.is_empty());
}

/// Returns the path of the last page.
async fn last_page(site: &Site) -> String {
    let db = site.state.db.read();
    let row = db
        .query_one_raw(statement(
            db,
            "SELECT public_id FROM poll WHERE id = 21",
            [],
        ))
        .await
        .unwrap()
        .unwrap();
    format!(
        "/?page=9&after={}",
        row.try_get::<String>("", "public_id").unwrap()
    )
}

/// Prints the cost of a page on two sites, measured in one run.
async fn beside(what: &str, few: (&Site, &str), many: (&Site, &str)) {
    let client = client();
    let address = |(site, path): (&Site, &str)| format!("{}{path}", site.origin);
    // Warms up both before measuring either.
    page(&client, &address(few)).await;
    page(&client, &address(many)).await;
    let (little, much) = (
        page(&client, &address(few)).await,
        page(&client, &address(many)).await,
    );
    println!(
        "{what:<15} {little:>10.1?} with few, {much:>10.1?} with many: {:.2} times",
        much.as_secs_f64() / little.as_secs_f64()
    );
}

/// Creates a poll with this many ballots and public results.
async fn voted_in(site: &Site, ballots: i64) -> String {
    let draft = |_| Draft {
        results: ResultsRule::Always,
        ..Draft::asking("Which dog?", &["Beagle", "Collie", "Poodle"], NOW)
    };
    let id = site.ask(draft, 1).await;
    let db = site.state.db.write();
    let poll = find(db, &id, NOW).await.unwrap().unwrap().row;
    let numbers =
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $2)";
    for sql in [
        "INSERT INTO participation (poll_id, voter) SELECT $1, randomblob(32) FROM numbers",
        "INSERT INTO ballot (poll_id, id, choices, receipt) SELECT $1, randomblob(16), 1 + n % 3, randomblob(32) FROM numbers",
        "INSERT INTO tally (poll_id, key, votes) SELECT $1, 1 + n % 3, COUNT(*) FROM numbers GROUP BY n % 3",
        "INSERT INTO tally (poll_id, key, votes) SELECT $1, 'ballots', COUNT(*) FROM numbers",
    ] {
        execute(
            db,
            &format!("{numbers} {sql}"),
            [poll.into(), ballots.into()],
        )
        .await
        .unwrap();
    }
    id
}
