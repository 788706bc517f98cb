//! A locked, unreachable or silent database: an answer in time, nothing acknowledged that isn't
//! stored, and recovery without a restart.

use std::time::Duration;

use futures::future::{join, join_all};
use pollstr::platform::db::{Db, Transaction};
use pollstr::polls::voting::vote::VoteError;
use pollstr::polls::voting::writer::VoteWriter;
use pollstr::server::listener::limits::Limits;
use pollstr::server::state::AppState;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::server::connections::behind;
use crate::support::app::{Site, folder, new_database, server_url};
use crate::support::browser::{Page, Person};
use crate::support::voters::{asked, cast_all, electorate};

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

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_locked_votes_are_refused_in_time_and_pages_are_read() {
    for site in Site::on_each_database().await {
        let amy = AtTheBallot::of(&site).await;
        let lock = locked(&site, "LOCK TABLE ballot IN ACCESS EXCLUSIVE MODE").await;
        // The session's last-seen time is due and can't be written.
        site.clock.advance(300);
        amy.reads().await.says(200, "Which dog?");
        is_unavailable_page(&amy.votes().await);
        is_unavailable_page(&amy.votes_by_json().await);
        lock.rollback().await.unwrap();
        assert_eq!(ballots(&site).await, 0);
        assert_eq!(amy.votes().await.status, 303);
        assert_eq!(ballots(&site).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_behind_votes_that_wait_is_answered_in_time_too() {
    for site in Site::on_each_database().await {
        let (state, poll) = (&site.state, asked(&site.state, |_| {}).await);
        let voters = electorate(state, 0, 200).await;
        let lock = locked(&site, "LOCK TABLE ballot IN ACCESS EXCLUSIVE MODE").await;
        let cast = timely(cast_all(
            &state.ballots,
            voters.iter().map(|voter| voter.vote(&poll, &[1])),
        ))
        .await;
        assert!(
            cast.iter()
                .all(|outcome| *outcome == Err(VoteError::Failed)),
            "{cast:?}"
        );
        lock.rollback().await.unwrap();
        assert_eq!(ballots(&site).await, 0);
        let cast = cast_all(
            &state.ballots,
            voters.iter().map(|voter| voter.vote(&poll, &[1])),
        )
        .await;
        assert!(cast.iter().all(Result::is_ok), "{cast:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_is_held_keeps_no_vote_of_another_poll_waiting() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let state = &site.state;
        let (held, free) = (asked(state, |_| {}).await, asked(state, |_| {}).await);
        let voters = electorate(state, 0, 30).await;
        let lock = locked(
            &site,
            &format!("SELECT 1 FROM poll WHERE public_id = '{held}' FOR UPDATE"),
        )
        .await;
        let in_held = timely(cast_all(
            &state.ballots,
            voters[..3].iter().map(|voter| voter.vote(&held, &[1])),
        ));
        let in_free = async {
            for voters in voters.chunks(10) {
                let some = voters
                    .iter()
                    .map(|voter| voter.vote(&free, &[1]))
                    .chain([voters[9].vote(&held, &[1])]);
                let casts: Vec<_> = some
                    .map(|vote| {
                        tokio::spawn({
                            let ballots = state.ballots.clone();
                            async move { ballots.cast(vote).await }
                        })
                    })
                    .collect();
                for cast in casts.into_iter().take(10) {
                    assert!(cast.await.unwrap().is_ok());
                }
            }
        };
        let free_first = async { timeout(Duration::from_secs(1), in_free).await.unwrap() };
        let (in_held, ()) = join(in_held, free_first).await;
        assert_eq!(
            in_held,
            [
                Err(VoteError::Failed),
                Err(VoteError::Failed),
                Err(VoteError::Failed)
            ]
        );
        lock.rollback().await.unwrap();
        assert!(
            state
                .ballots
                .cast(voters[0].vote(&held, &[1]))
                .await
                .is_ok()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_cut_are_made_again() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let amy = AtTheBallot::of(&site).await;
        let other = Db::connect(&site.state.config.database_url).await.unwrap();
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        other
            .write()
            .query_all_raw(Statement::from_string(DbBackend::Postgres, others))
            .await
            .unwrap();
        amy.reads().await.says(200, "Which dog?");
        other
            .write()
            .query_all_raw(Statement::from_string(DbBackend::Postgres, others))
            .await
            .unwrap();
        assert_eq!(amy.votes().await.status, 303);
        assert_eq!(ballots(&site).await, 1);
    }
}

/// A TCP proxy to PostgreSQL that can go silent; bytes it swallows are lost.
async fn proxy_to(server: String) -> (String, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (way, (silence, silent)) = (
        listener.local_addr().unwrap().to_string(),
        watch::channel(false),
    );
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            let (server, mut silent) = (server.clone(), silent.clone());
            tokio::spawn(async move {
                let mut there = TcpStream::connect(server).await.unwrap();
                tokio::select! {
                    _ = async { silent.wait_for(|silent| *silent).await.is_ok() } => std::future::pending().await,
                    done = copy_bidirectional(&mut here, &mut there) => drop(done),
                }
            });
        }
    });
    (way, silence)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_falls_silent_holds_nobody_up_and_is_gone_about_afterwards() {
    let Some(server) = server_url() else { return };
    let database = new_database(&server).await;
    let (user, rest) = database.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let (way, silence) = proxy_to(host.to_owned()).await;
    let site = Site::on(&format!("{user}@{way}/{name}"), folder()).await;
    let (amy, voter) = (
        AtTheBallot::of(&site).await,
        electorate(&site.state, 0, 1).await.remove(0),
    );
    // Opens connections that can be lost.
    join_all((0..8).map(|_| amy.reads())).await;
    silence.send_replace(true);
    assert_eq!(
        timely(site.state.ballots.cast(voter.vote(&amy.poll, &[1]))).await,
        Err(VoteError::Failed)
    );
    let (vote, page) = join(amy.votes(), amy.reads()).await;
    is_unavailable_page(&vote);
    is_unavailable_page(&page);
    assert_eq!(timely(amy.person.get("/readyz")).await.status, 503);
    silence.send_replace(false);
    let mut tries = 0;
    while amy.reads().await.status != 200 {
        tries += 1;
        assert!(tries < 10, "it does not heal");
    }
    assert_eq!(amy.votes().await.status, 303);
    assert_eq!(ballots(&site).await, 1);
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
    assert_eq!(sites[3].count("SELECT COUNT(*) FROM setting").await, 1);
}
