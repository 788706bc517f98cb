//! Many viewers: shared renders, streams per address, notifications between processes.

use std::sync::Arc;
use std::time::Duration;

use pollstr::platform::db::Db;
use pollstr::polls::live::hub::{ALL, Full, MAX_STREAMS_PER_IP};
use pollstr::polls::live::pg_notify::PgNotifier;
use pollstr::polls::store::polls;
use pollstr::web::http::client_ip::ClientIp;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, timeout};

use crate::support::app::Site;
use crate::support::voters::electorate;

#[tokio::test(flavor = "multi_thread")]
async fn all_who_watch_share_a_render_and_there_are_two_a_second_at_most() {
    let site = Site::new().await;
    let id = site.poll().await.trim_start_matches("/polls/").to_owned();
    let poll = polls::find(site.state.db.read(), &id, 0)
        .await
        .unwrap()
        .unwrap()
        .poll;
    let watch = |address: &str| {
        site.state
            .live
            .watch(&poll, ClientIp(address.to_owned()), None)
            .unwrap()
    };
    let (mut first, mut second) = (watch("a"), watch("b"));
    let began = Instant::now();
    let counting = tokio::spawn(async move {
        let mut renders = 0;
        loop {
            first.frames.changed().await.unwrap();
            renders += 1;
            let frame = first.frames.borrow_and_update().clone().unwrap();
            if frame.place == (40, false) {
                return (renders, frame);
            }
        }
    });
    for voter in electorate(&site.state, 0, 40).await {
        site.state
            .ballots
            .cast(voter.vote(&id, &[1]))
            .await
            .unwrap();
    }
    let (renders, frame) = counting.await.unwrap();
    assert!(
        renders <= 1 + began.elapsed().as_millis() / 500,
        "{renders} in {:?}",
        began.elapsed()
    );
    let same = second
        .frames
        .wait_for(|frame| {
            frame
                .as_ref()
                .is_some_and(|frame| frame.place == (40, false))
        })
        .await
        .unwrap()
        .clone()
        .unwrap();
    assert!(Arc::ptr_eq(&frame, &same));
}

#[tokio::test]
async fn one_address_takes_only_so_many_places_and_leaves_them_free_again() {
    let site = Site::new().await;
    let id = site.poll().await.trim_start_matches("/polls/").to_owned();
    let poll = polls::find(site.state.db.read(), &id, 0)
        .await
        .unwrap()
        .unwrap()
        .poll;
    let watch = |address: usize| {
        site.state
            .live
            .watch(&poll, ClientIp(address.to_string()), None)
    };
    let mut places: Vec<_> = (0..MAX_STREAMS_PER_IP).map(|_| watch(0).unwrap()).collect();
    assert_eq!(watch(0).unwrap_err(), Full::ClientIp);
    places.pop();
    places.push(watch(0).unwrap());
    places.extend(
        (MAX_STREAMS_PER_IP..ALL).map(|place| watch(1 + place / MAX_STREAMS_PER_IP).unwrap()),
    );
    assert_eq!(watch(1_000).unwrap_err(), Full::All);
    drop(places);
    assert_eq!(site.state.live.watchers(), 0);
    watch(0).unwrap();
}

#[tokio::test]
async fn on_postgresql_a_notification_reaches_only_the_other_processes() {
    for site in Site::on_each_database().await {
        if site.state.db.backend() != sea_orm::DbBackend::Postgres {
            continue;
        }
        let theirs = Db::connect(&site.state.config.database_url).await.unwrap();
        let (mine, theirs) = (PgNotifier::new(&site.state.db), PgNotifier::new(&theirs));
        let (sender, mut heard) = unbounded_channel();
        mine.listen(move |poll| sender.send(poll.to_owned()).unwrap());
        // The listener starts at its own time, so the notification is repeated.
        let word = async {
            loop {
                mine.notify("mine");
                theirs.notify("theirs");
                tokio::task::yield_now().await;
                if let Ok(poll) = heard.try_recv() {
                    return poll;
                }
            }
        };
        assert_eq!(
            timeout(Duration::from_secs(20), word).await.unwrap(),
            "theirs"
        );
    }
}
