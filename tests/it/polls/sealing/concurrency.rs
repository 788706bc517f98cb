//! Sealing that is interrupted, runs twice, or meets votes under way.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use pollstr::polls::model::kind::Kind;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::{polls, votes};
use pollstr::polls::voting::vote::VoteError;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::support::app::{START_TIME, Site, until};
use crate::support::voters::{asked, cast_all, electorate};

/// Runs a future, but cancels it after it has been pending this many times.
async fn unless_it_waits<T>(most: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut waits) = (pin!(work), 0);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if waits == most => Poll::Ready(None),
        Poll::Pending => {
            waits += 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn sealing_that_was_stopped_anywhere_is_done_again() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let poll = asked(state, |draft| {
            draft.kind = Kind::Multiple { most: 2 };
            draft.closes_at = Some(START_TIME + 60);
        })
        .await;
        let voters = electorate(state, 0, 40).await;
        let cast = cast_all(
            &state.ballots,
            voters.iter().map(|voter| voter.vote(&poll, &[1, 3])),
        )
        .await;
        assert!(cast.iter().all(Result::is_ok));
        site.clock.advance(60);
        let (mut waits, mut sealed) = (0, 0);
        for _ in 0..5_000 {
            let done = unless_it_waits(waits, seal_due(&state.db, &site.clock)).await;
            for same in [
                "SELECT COUNT(*) FROM ballot",
                "SELECT COUNT(*) FROM participation",
                "SELECT votes FROM tally WHERE key = '3'",
            ] {
                assert_eq!(site.count(same).await, 40, "stopped after {waits} waits");
            }
            sealed = site
                .count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
                .await;
            match done {
                None => waits += 1,
                // On PostgreSQL the lock of a cancelled run may be released a moment later.
                Some(done) => assert!(done.is_ok(), "{done:?}"),
            }
            if sealed == 1 {
                break;
            }
        }
        assert!(sealed == 1 && waits > 3, "stopped after {waits} waits");
        let stored = polls::find(state.db.read(), &poll, site.clock.now())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            stored.fingerprint,
            Some(
                pollstr::polls::sealing::bundle::fingerprint(&state.db, &stored)
                    .await
                    .unwrap()
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_seal_a_poll_once_and_no_vote_comes_after() {
    for site in Site::on_each_database().await {
        let second_instance = site.second_instance().await;
        let state = &site.state;
        let poll = asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await;
        let voters = electorate(state, 0, 11).await;
        cast_all(
            &state.ballots,
            voters[..10].iter().map(|voter| voter.vote(&poll, &[2])),
        )
        .await;
        site.clock.advance(60);
        // The second instance's clock is slow: there the poll is still open.
        second_instance.state.clock.advance(59);
        let (here, there) = (
            seal_due(&state.db, &site.clock),
            seal_due(&second_instance.state.db, &site.clock),
        );
        let sealed = tokio::join!(here, there);
        assert!(sealed.0.is_ok() && sealed.1.is_ok(), "{sealed:?}");
        seal_due(&state.db, &site.clock).await.unwrap();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
                .await,
            1
        );
        assert_eq!(
            second_instance
                .state
                .ballots
                .cast(voters[10].vote(&poll, &[1]))
                .await,
            Err(VoteError::Closed)
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sealing_waits_for_votes_that_are_under_way() {
    for site in Site::on_each_database().await {
        if site.state.db.backend() == DbBackend::Sqlite {
            continue; // SQLite has a single writer, which the vote holds.
        }
        let state = &site.state;
        let poll = asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await;
        let vote = state.db.begin().await.unwrap();
        vote.execute_unprepared(&format!(
            "SELECT 1 FROM poll WHERE public_id = '{poll}' FOR NO KEY UPDATE"
        ))
        .await
        .unwrap();
        site.clock.advance(60);
        let sealing = tokio::spawn({
            let (db, clock) = (state.db.clone(), site.clock.clone());
            async move { seal_due(&db, &clock).await }
        });
        let waits =
            "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
        until(async || site.count(waits).await > 0).await;
        let of_poll = format!("(SELECT id FROM poll WHERE public_id = '{poll}')");
        for insert in [
            format!("INSERT INTO participation SELECT {of_poll}, '\\x01'"),
            format!("INSERT INTO ballot SELECT {of_poll}, '\\x01', '3', '\\x02'"),
            format!(
                "INSERT INTO tally SELECT {of_poll}, key, 1 FROM (VALUES ('3'), ('ballots')) AS t (key)"
            ),
        ] {
            vote.execute_unprepared(&insert).await.unwrap();
        }
        assert!(!sealing.is_finished());
        vote.commit().await.unwrap();
        assert_eq!(sealing.await.unwrap(), Ok(1));
        let stored = polls::find(state.db.read(), &poll, site.clock.now())
            .await
            .unwrap()
            .unwrap();
        let mut counted = BTreeMap::new();
        for (said, times) in votes::tally(state.db.read(), stored.row)
            .await
            .unwrap()
            .votes
        {
            counted.insert(said.text(Kind::Single), times);
        }
        assert_eq!(counted, BTreeMap::from([("3".to_owned(), 1)]));
        assert_eq!(
            stored.fingerprint,
            Some(
                pollstr::polls::sealing::bundle::fingerprint(&state.db, &stored)
                    .await
                    .unwrap()
            )
        );
    }
}
