//! A locked, unreachable or silent database: an answer in time, nothing acknowledged that isn't
//! stored, and recovery without a restart.

mod network;
mod write_lock;

use std::time::Duration;

use futures::future::join_all;
use pollstr::platform::db::{Db, Transaction};
use pollstr::polls::voting::writer::VoteWriter;
use pollstr::server::listener::limits::Limits;
use pollstr::server::state::AppState;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;
use tokio::time::timeout;

use crate::server::connections::behind;
use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::environment::{folder, new_database, server_url};
use crate::support::voters::asked;

/// Returns the response if it arrives within six seconds.
async fn timely<T>(answer: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(6), answer).await.unwrap()
}

/// Asserts a page of our own with `Retry-After` that isn't cached.
fn is_unavailable_page(page: &Page) {
    page.says(503, "again in a moment.");
    assert_eq!(
        (page.header("retry-after"), page.header("cache-control")),
        ("5", "no-store")
    );
    let json = page.header("content-type").starts_with("application/json");
    assert!(json || page.body.contains("<main"), "{}", page.body);
}

/// A voter on a ballot page.
struct AtTheBallot {
    person: Person,
    poll: String,
    filled_in: Vec<(String, String)>,
}

impl AtTheBallot {
    async fn of(site: &Site) -> Self {
        let (person, poll) = (
            site.verified("amy", "+447400123456").await,
            asked(&site.state, |_| {}).await,
        );
        let mut filled_in = person.form(&format!("/polls/{poll}/vote"), "Vote").await;
        filled_in.push(("choice".to_owned(), "1".to_owned()));
        Self {
            person,
            poll,
            filled_in,
        }
    }

    async fn votes(&self) -> Page {
        timely(
            self.person
                .post(&format!("/polls/{}/vote", self.poll), &self.filled_in),
        )
        .await
    }

    async fn votes_by_json(&self) -> Page {
        timely(
            self.person
                .call("cast_vote", json!({ "poll": self.poll, "choice": "1" })),
        )
        .await
    }

    async fn reads(&self) -> Page {
        timely(self.person.get(&format!("/polls/{}", self.poll))).await
    }
}

/// Returns the number of ballots, which must equal the number of marks.
async fn ballots(site: &Site) -> i64 {
    let ballots = site.count("SELECT COUNT(*) FROM ballot").await;
    assert_eq!(
        site.count("SELECT COUNT(*) FROM participation").await,
        ballots
    );
    ballots
}

/// Another process that holds the database's write lock.
pub(crate) async fn locked(site: &Site, on_postgres: &str) -> Transaction {
    let lock = Db::connect(&site.state.config.database_url)
        .await
        .unwrap()
        .begin()
        .await
        .unwrap();
    if site.state.db.backend() == DbBackend::Postgres {
        lock.execute_unprepared(on_postgres).await.unwrap();
    }
    lock
}

#[tokio::test]
async fn a_session_that_cannot_be_read_gives_a_page_of_this_site() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    site.state
        .db
        .write()
        .execute_unprepared("ALTER TABLE session RENAME TO lost")
        .await
        .unwrap();
    is_unavailable_page(&amy.get("/").await);
    is_unavailable_page(&amy.get("/api/csrf").await);
    site.state
        .db
        .write()
        .execute_unprepared("ALTER TABLE lost RENAME TO session")
        .await
        .unwrap();
    amy.get("/account").await.says(200, "amy");
}

#[tokio::test]
async fn a_process_that_takes_no_votes_is_not_ready() {
    let site = Site::new().await;
    let AppState {
        db,
        keys,
        clock,
        live,
        ..
    } = site.state.clone();
    // The writer stops with its threads.
    let dead = std::thread::spawn(move || {
        let threads = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        threads.block_on(async { VoteWriter::open(db, keys, clock, live, false) })
    });
    let state = AppState {
        ballots: dead.join().unwrap(),
        ..site.state.clone()
    };
    let (address, ..) = behind(&state, Limits::default()).await;
    site.visitor().get("/readyz").await.says(200, "ready");
    Person::new(&format!("http://{address}"))
        .get("/readyz")
        .await
        .says(503, "not accepting votes");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_may_start_at_once_on_an_empty_database() {
    let Some(server) = server_url() else { return };
    let (database, folder) = (new_database(&server).await, folder());
    let sites = join_all((0..4).map(|_| Site::on(&database, folder.clone()))).await;
    let secrets = "SELECT COUNT(*) FROM setting WHERE name = 'secret check value'";
    assert_eq!(sites[3].count(secrets).await, 1);
}
