//! PostgreSQL: backends that die, a read-only database, and a lost response to COMMIT.

use std::time::Duration;

use pollstr::polls::voting::vote::VoteError;
use sea_orm::{ConnectionTrait, Database};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::database::faults::Election;
use crate::support::app::Site;
use crate::support::environment::{folder, new_database, server_url};

#[tokio::test]
async fn a_backend_that_dies_in_a_vote_takes_no_other_vote_with_it() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let mut election = Election::at(&site).await;
        let dies = "CREATE FUNCTION fault() RETURNS trigger AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$
                    LANGUAGE plpgsql";
        election.run(dies).await;
        election.run("CREATE TRIGGER fault BEFORE INSERT ON ballot_open FOR EACH ROW EXECUTE FUNCTION fault()").await;
        assert_eq!(election.vote().await, Err(VoteError::Failed));
        election.run("DROP TRIGGER fault ON ballot_open").await;
        let at_commit = "CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON ballot_open DEFERRABLE INITIALLY DEFERRED
                         FOR EACH ROW EXECUTE FUNCTION fault()";
        election.run(at_commit).await;
        assert_eq!(election.vote().await, Err(VoteError::OutcomeUnknown));
        election.is_stored().await;
        election.run("DROP TRIGGER fault ON ballot_open").await;
        election.goes_on().await;
    }
}

#[tokio::test]
async fn a_read_only_database_refuses_votes_and_shows_pages() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let mut election = Election::at(&site).await;
        let name = site
            .state
            .config
            .database_url
            .rsplit_once('/')
            .unwrap()
            .1
            .to_owned();
        let reconnect = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        let server = Database::connect(server_url().unwrap()).await.unwrap();
        let set = async |read_only: &str| {
            server
                .execute_unprepared(&format!(
                    "ALTER DATABASE {name} SET default_transaction_read_only = {read_only}"
                ))
                .await
                .unwrap();
            server.execute_unprepared(&reconnect).await.unwrap();
        };
        set("on").await;
        site.visitor().get("/readyz").await.says(503, "read-only");
        site.visitor().get("/readyz?read").await.says(200, "ready");
        site.visitor().get("/").await.says(200, "Polls");
        assert_eq!(election.vote().await, Err(VoteError::Failed));
        set("off").await;
        election.goes_on().await;
    }
}

/// A TCP proxy to PostgreSQL that drops the first response to a COMMIT after `armed`, and the
/// connection.
async fn proxy_dropping_commit(
    server: String,
    armed: tokio::sync::watch::Receiver<bool>,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            let (server, armed) = (server.clone(), armed.clone());
            tokio::spawn(async move {
                let there = TcpStream::connect(server).await.unwrap();
                let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                    (here.into_split(), there.into_split());
                let back =
                    tokio::spawn(
                        async move { tokio::io::copy(&mut from_server, &mut to_client).await },
                    );
                let mut bytes = [0; 8192];
                while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
                    let commits =
                        *armed.borrow() && bytes[..read].windows(6).any(|word| word == b"COMMIT");
                    if commits {
                        back.abort();
                    }
                    if to_server.write_all(&bytes[..read]).await.is_err() {
                        break;
                    }
                    if commits {
                        // The server commits, and its response is dropped.
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        return;
                    }
                }
                back.abort();
            });
        }
    });
    way
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_answered_with_we_cannot_tell() {
    let Some(server) = server_url() else { return };
    let database = new_database(&server).await;
    let (user, rest) = database.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let (arm, armed) = tokio::sync::watch::channel(false);
    let way = proxy_dropping_commit(host.to_owned(), armed).await;
    let site = Site::on(&format!("{user}@{way}/{name}"), folder()).await;
    let mut election = Election::at(&site).await;
    assert_eq!(election.vote().await, Ok(()));
    arm.send_replace(true);
    assert_eq!(election.vote().await, Err(VoteError::OutcomeUnknown));
    arm.send_replace(false);
    election.holds(2).await;
    election.acknowledged = 2;
    election.goes_on().await;
}
