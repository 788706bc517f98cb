//! An uncertain vote: the ballot page returns, and sending it again reports one counted vote.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pollstr::polls::model::nonce::Nonce;
use pollstr::polls::voting::vote::VoteError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::database::away::locked;
use crate::support::app::Site;
use crate::support::browser::Page;
use crate::support::environment::{folder, new_database, server_url};
use crate::support::voters::{asked, electorate};

/// A TCP proxy to PostgreSQL that drops the next response to COMMIT, and the connection.
async fn way_that_loses_an_answer(server: String) -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (way, lose) = (
        listener.local_addr().unwrap().to_string(),
        Arc::new(AtomicBool::new(false)),
    );
    let armed = Arc::clone(&lose);
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            let (server, armed) = (server.clone(), Arc::clone(&armed));
            tokio::spawn(async move {
                let there = TcpStream::connect(server).await.unwrap();
                let ((mut asks, mut hears), (mut answers, mut told)) =
                    (here.into_split(), there.into_split());
                let cut = AtomicBool::new(false);
                let forth = async {
                    let mut bytes = vec![0; 65_536];
                    while let Ok(count @ 1..) = asks.read(&mut bytes).await {
                        if bytes[..count]
                            .windows(7)
                            .any(|window| window == b"COMMIT\0")
                            && armed.swap(false, Ordering::SeqCst)
                        {
                            cut.store(true, Ordering::SeqCst);
                        }
                        told.write_all(&bytes[..count]).await.unwrap();
                    }
                };
                let back = async {
                    let mut bytes = vec![0; 65_536];
                    while let Ok(count @ 1..) = answers.read(&mut bytes).await {
                        if cut.load(Ordering::SeqCst)
                            || hears.write_all(&bytes[..count]).await.is_err()
                        {
                            break;
                        }
                    }
                };
                tokio::select! { () = forth => {}, () = back => {} }
            });
        }
    });
    (way, lose)
}

fn nonce(form: &[(String, String)]) -> &str {
    &form.iter().find(|(name, _)| name == "nonce").unwrap().1
}

fn choosing(form: Vec<(String, String)>) -> Vec<(String, String)> {
    [form, vec![("choice".to_owned(), "1".to_owned())]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn resending_a_vote_of_unknown_outcome_says_that_it_counts() {
    let Some(server) = server_url() else { return };
    let database = new_database(&server).await;
    let (user, rest) = database.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let (way, lose) = way_that_loses_an_answer(host.to_owned()).await;
    let site = Site::on(&format!("{user}@{way}/{name}"), folder()).await;
    let amy = site.verified("amy", "+447700900123").await;
    for (changeable, words) in [
        (
            false,
            "Your vote is counted. The first one you sent stands.",
        ),
        (true, "Thanks, your vote is counted."),
    ] {
        let poll = asked(&site.state, |draft| draft.changeable = changeable).await;
        let (ballot, results) = (
            format!("/polls/{poll}/vote"),
            format!("/polls/{poll}/results"),
        );
        let form = choosing(amy.form(&ballot, "Vote").await);
        lose.store(true, Ordering::SeqCst);
        let unsure = amy.post(&ballot, &form).await;
        unsure.says(503, "We can't tell whether your vote was saved.");
        assert!(!lose.load(Ordering::SeqCst), "an answer was lost");
        let stored = format!(
            "SELECT COUNT(*) FROM ballot WHERE poll_id = (SELECT id FROM poll WHERE public_id = '{poll}')"
        );
        assert_eq!(site.count(&stored).await, 1, "it was saved");
        // The same page: no redirect, and no receipt.
        let again = choosing(unsure.form("Vote"));
        assert_eq!(nonce(&again), nonce(&form));
        amy.post(&ballot, &again).await.goes_to(&results);
        let page = amy.get(&results).await;
        page.says(200, words);
        page.says(200, "Your receipt");
        assert_eq!(site.count(&stored).await, 1);
    }
    // By the vote writer itself.
    let (state, voter) = (&site.state, electorate(&site.state, 0, 1).await.remove(0));
    let poll = asked(state, |_| {}).await;
    let (vote, receipt) = voter.on_a_page(&state.keys, &Nonce::fresh(), voter.vote(&poll, &[1]));
    lose.store(true, Ordering::SeqCst);
    assert_eq!(
        state.ballots.cast(vote.clone()).await,
        Err(VoteError::OutcomeUnknown)
    );
    let told = state.ballots.cast(vote).await.unwrap();
    assert_eq!((told.receipt, told.stands), (receipt, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_that_could_not_be_stored_comes_back_as_it_was() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (
            site.verified("amy", "+447700900123").await,
            asked(&site.state, |_| {}).await,
        );
        let ballot = format!("/polls/{poll}/vote");
        let form = choosing(amy.form(&ballot, "Vote").await);
        let lock = locked(&site, "LOCK TABLE ballot IN ACCESS EXCLUSIVE MODE").await;
        let failed = amy.post(&ballot, &form).await;
        failed.says(503, "We couldn't save your vote.");
        lock.rollback().await.unwrap();
        let receipts =
            async |form: Vec<(String, String)>| receipt(&amy.post(&ballot, &choosing(form)).await);
        assert_eq!(nonce(&failed.form("Vote")), nonce(&form));
        assert_eq!(receipts(failed.form("Vote")).await, receipts(form).await);
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
    }
}

fn receipt(answer: &Page) -> String {
    let mut cookies = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    cookies
        .find_map(|cookie| cookie.strip_prefix("receipt="))
        .unwrap()
        .to_owned()
}
