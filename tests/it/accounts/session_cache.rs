//! Sessions that the server remembers between requests: a change counts for the next request.

use std::process::Stdio;
use std::time::Duration;

use futures::future::join_all;
use pollstr::accounts::store::{find_by_name, set_suspended};
use pollstr::platform::clock::Clock;
use pollstr::platform::db::Db;
use tokio::time::sleep;

use crate::database::crashes::Process;
use crate::support::app::{Site, until};
use crate::support::browser::Person;
use crate::support::environment::{
    folder, free_address, new_database, program, required, server_url,
};
use crate::support::voters::asked;

/// How long changes by other processes may stay unseen.
const LEASE: Duration = Duration::from_millis(250);
const PASSWORD: &str = "four words and more";

/// Sites that remember sessions, which those on a test's clock do not.
async fn sites() -> Vec<Site> {
    Site::on_each_database_at(Clock::system, &[]).await
}

async fn is_logged_in(person: &Person, name: &str) -> bool {
    let page = person.get("/").await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.body.contains(name)
}

/// Waits until a person's session is remembered: then it needs no table of sessions.
async fn is_remembered(site: &Site, person: &Person, name: &str) {
    let rename = async |from, to| {
        site.execute(&format!("ALTER TABLE {from} RENAME TO {to}"))
            .await;
    };
    until(async || {
        person.get("/").await;
        rename("session", "away").await;
        let page = person.get("/").await;
        rename("away", "session").await;
        page.status == 200 && page.body.contains(name)
    })
    .await;
}

async fn suspend(db: &Db, name: &str) {
    let account = find_by_name(db.read(), name).await.unwrap().unwrap();
    set_suspended(db.write(), account.id, Some("spam"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_was_here_a_moment_ago_costs_no_query() {
    for site in sites().await {
        let amy = site.registered("amy").await;
        is_remembered(&site, &amy, "amy").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_and_admin_pages_read_the_row() {
    for site in sites().await {
        let amy = site.registered("amy").await;
        let form = amy.form("/", "Log out").await;
        is_remembered(&site, &amy, "amy").await;
        site.execute("ALTER TABLE session RENAME TO away").await;
        assert!(is_logged_in(&amy, "amy").await);
        assert_eq!(amy.get("/admin").await.status, 503);
        assert_eq!(amy.post("/", &form).await.status, 503);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_a_suspension_and_a_changed_password_count_for_the_next_request() {
    for site in sites().await {
        let people = join_all((0..20).map(async |number| {
            let name = format!("reader{number}");
            (site.registered(&name).await, name)
        }))
        .await;
        join_all(
            people
                .iter()
                .enumerate()
                .map(async |(number, (person, name))| {
                    let other = person.other_browser();
                    other
                        .fill(
                            "/login",
                            "Log in",
                            &[("username", name), ("password", PASSWORD)],
                        )
                        .await;
                    for _ in 0..3 {
                        assert!(
                            is_logged_in(person, name).await && is_logged_in(&other, name).await
                        );
                    }
                    match number % 3 {
                        0 => drop(other.fill("/", "Log out", &[]).await),
                        1 => suspend(&site.state.db, name).await,
                        _ => {
                            let fields = [
                                ("password", PASSWORD),
                                ("new_password", "other words, and more"),
                            ];
                            let page = person
                                .fill("/account/password", "Change password", &fields)
                                .await;
                            assert_eq!(page.status, 303, "{}", page.body);
                        }
                    }
                    assert!(!is_logged_in(&other, name).await, "{name}");
                    assert_eq!(is_logged_in(person, name).await, number % 3 != 1, "{name}");
                }),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_another_process_counts_within_a_quarter_of_a_second() {
    for site in sites().await {
        let other = Db::connect(&site.state.config.database_url).await.unwrap();
        for name in ["amelia", "benedict", "caterina", "danilo", "evelina"] {
            let person = site.registered(name).await;
            is_remembered(&site, &person, name).await;
            suspend(&other, name).await;
            sleep(LEASE).await;
            assert!(!is_logged_in(&person, name).await, "{name}");
        }
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_ballot_page_too_every_post_but_the_vote_reads_the_row() {
    for site in sites().await {
        let amy = site.verified("amy", "+447400123456").await;
        let poll = format!("/polls/{}", asked(&site.state, |_| {}).await);
        site.execute(
            "UPDATE poll SET owner_id = (SELECT id FROM account WHERE username_key = 'amy')",
        )
        .await;
        let ballot = format!("{poll}/vote");
        let close = amy.form(&poll, "Close the poll").await;
        let mut vote = amy.form(&ballot, "Vote").await;
        vote.push(("choice".to_owned(), "1".to_owned()));
        is_remembered(&site, &amy, "amy").await;
        let other = Db::connect(&site.state.config.database_url).await.unwrap();
        suspend(&other, "amy").await;
        let login = format!("/login?next={ballot}");
        amy.post(&ballot, &close).await.goes_to(&login);
        // The transaction of a vote asks for itself.
        let refused = amy.post(&ballot, &vote).await;
        let next = format!("?next={ballot}");
        assert!(
            refused.header("location").ends_with(&next),
            "{}",
            refused.body
        );
        site.visitor().get(&poll).await.says(200, ">Open<");
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_caller_is_gone_is_not_missed() {
    for site in sites().await {
        let db = &site.state.db;
        let amy = site.registered("amy").await;
        let id = find_by_name(db.read(), "amy").await.unwrap().unwrap().id;
        for round in 0..20 {
            is_remembered(&site, &amy, "amy").await;
            let transaction = db.begin().await.unwrap();
            set_suspended(&transaction, id, Some("spam")).await.unwrap();
            let commit = tokio::spawn(transaction.commit());
            sleep(Duration::from_micros(50 * round)).await;
            commit.abort();
            let _ = commit.await;
            // It goes on without its caller, or was never begun.
            sleep(Duration::from_millis(50)).await;
            let account = find_by_name(db.read(), "amy").await.unwrap().unwrap();
            let suspended = account.suspended_reason.is_some();
            assert_ne!(is_logged_in(&amy, "amy").await, suspended, "round {round}");
            set_suspended(db.write(), id, None).await.unwrap();
            assert!(is_logged_in(&amy, "amy").await);
        }
    }
}

/// A process that was stopped has missed changes, and knows it by a clock that went on.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_stopped_refuses_who_was_suspended_meanwhile() {
    let server = server_url();
    assert!(server.is_some() || !required(), "a server must be named");
    let folder = folder();
    let mut databases = vec![format!("sqlite://{}/pollstr.db", folder.display())];
    if let Some(server) = server {
        databases.push(new_database(&server).await);
    }
    for database in databases {
        let address = free_address();
        let mut command = program(&folder);
        command.env("DATABASE_URL", &database);
        let process = Process::run(&mut command, &address, "error", Stdio::null()).await;
        let amy = Person::new(&format!("http://{address}"));
        amy.fill(
            "/register",
            "Create account",
            &[("username", "amy"), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
        for _ in 0..3 {
            assert!(is_logged_in(&amy, "amy").await);
            sleep(LEASE / 2).await;
        }
        let db = Db::connect(&database).await.unwrap();
        process.signal("-STOP");
        suspend(&db, "amy").await;
        sleep(Duration::from_secs(5)).await;
        process.signal("-CONT");
        assert!(!is_logged_in(&amy, "amy").await, "{database}");
        db.close().await;
        drop(process);
        let _ = std::fs::remove_file(folder.join("secret.key"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}
