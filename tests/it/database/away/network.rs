//! Cut connections and a silent network.

use futures::future::{join, join_all};
use pollstr::platform::db::Db;
use pollstr::polls::voting::vote::VoteError;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::database::away::{AtTheBallot, ballots, is_unavailable_page, timely};
use crate::support::app::Site;
use crate::support::environment::{folder, new_database, server_url};
use crate::support::voters::electorate;

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
async fn a_silent_network_delays_no_request_beyond_its_limit_and_recovers() {
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
