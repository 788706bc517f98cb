//! Killed processes: every acknowledged vote is stored.

use std::path::PathBuf;
use std::time::Duration;

use futures::future::join_all;
use pollstr::platform::db::Db;
use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};

use crate::database::crashes::Process;
use crate::support::browser::Person;
use crate::support::environment::{folder, free_address, new_database, server_url};

/// A person with a verified number; the code is read from the simulator's page.
async fn voter(origin: &str, number: usize) -> Person {
    let person = Person::new(origin);
    let (name, phone) = (format!("voter{number}"), format!("+447700900{number:03}"));
    person
        .fill(
            "/register",
            "Create account",
            &[("username", &name), ("password", "four words and more")],
        )
        .await
        .goes_to("/verify");
    person
        .fill("/verify", "Send code", &[("phone", &phone)])
        .await
        .goes_to("/verify/code");
    let page = person.get("/simulator").await.body;
    let message = page.split(&phone).nth(1).unwrap();
    let code = message.split("code: ").nth(1).unwrap()[..6].to_owned();
    person
        .fill("/verify/code", "Confirm", &[("code", &code)])
        .await
        .goes_to("/account/recovery/offer");
    person
}

/// A poll counted in every way at one moment: ballots, marks, the sum of the tally, and the tally
/// of its one choice.
async fn counted(db: &Db, poll: &str) -> [i64; 4] {
    let of_poll = format!("poll_id = (SELECT id FROM poll WHERE public_id = '{poll}')");
    let counts = [
        format!("SELECT COUNT(*) FROM ballot WHERE {of_poll}"),
        format!("SELECT COUNT(*) FROM participation WHERE {of_poll}"),
        format!("SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = 'ballots' AND {of_poll}"),
        format!("SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = '1' AND {of_poll}"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .map(|count| format!("CAST(({count}) AS BIGINT)"))
        .collect();
    let statement = Statement::from_string(db.backend(), format!("SELECT {}", counts.join(", ")));
    let row = db.read().query_one_raw(statement).await.unwrap().unwrap();
    std::array::from_fn(|column| row.try_get_by_index(column).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_was_acknowledged_survives_being_killed() {
    let folder = folder();
    survives_being_killed(&format!("sqlite://{}/pollstr.db", folder.display()), folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_was_acknowledged_survives_being_killed_beside_postgresql() {
    let Some(server) = server_url() else { return };
    survives_being_killed(&new_database(&server).await, folder()).await;
}

async fn survives_being_killed(database: &str, folder: PathBuf) {
    let address = free_address();
    let mut process = Process::start_on(database, &folder, &address).await;
    let origin = format!("http://{address}");
    let mut voters = Vec::new();
    // A few at a time: more would time out waiting for password hashing.
    for group in 0..5 {
        voters.extend(
            join_all((group * 6..group * 6 + 6).map(|number| voter(&origin, number))).await,
        );
    }
    for round in 0..10_u64 {
        let db = Db::connect(database).await.unwrap();
        let transaction = db.begin().await.unwrap();
        let poll = drafts::insert(
            &transaction,
            &Draft::asking("Does it hold?", &["Yes", "No"], 0),
            0,
        )
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        let path = format!("/polls/{poll}/vote");
        let forms = join_all(voters.iter().map(|voter| voter.form(&path, "Vote"))).await;
        let forms = forms
            .into_iter()
            .map(|form| [form, vec![("choice".to_owned(), "1".to_owned())]].concat())
            .collect::<Vec<_>>();
        let cast = || {
            let casts = voters.iter().zip(&forms).map(|(voter, form)| {
                let request = voter.request(Method::POST, &path).form(form);
                tokio::spawn(async move {
                    request
                        .send()
                        .await
                        .is_ok_and(|answer| answer.status() == 303)
                })
            });
            casts.collect::<Vec<_>>()
        };
        let casts = cast();
        tokio::time::sleep(Duration::from_millis(5 + round * 7)).await;
        process.kill();
        let acknowledged = join_all(casts)
            .await
            .into_iter()
            .filter(|acknowledged| *acknowledged.as_ref().unwrap())
            .count();
        process = Process::start_on(database, &folder, &address).await;
        let counted = counted(&db, &poll).await;
        let ballots = counted[0];
        assert!(
            ballots >= i64::try_from(acknowledged).unwrap(),
            "round {round}: {acknowledged} acknowledged, {ballots} stored"
        );
        assert_eq!(counted, [ballots; 4], "round {round}");
        // The proxy answered 502 to some of them. Sending the ballot again reports the same vote.
        assert!(
            join_all(cast()).await.into_iter().all(|told| told.unwrap()),
            "round {round}"
        );
        assert_eq!(
            crate::database::crashes::kills::counted(&db, &poll).await,
            [30; 4],
            "round {round}"
        );
        db.close().await;
    }
}
