//! A locked database: votes are refused in time, and pages are read.

use std::time::Duration;

use futures::future::join;
use pollstr::polls::voting::vote::VoteError;
use tokio::time::timeout;

use crate::database::away::{AtTheBallot, ballots, is_unavailable_page, locked, timely};
use crate::support::app::Site;
use crate::support::voters::{asked, cast_all, electorate};

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
