//! Extending and closing a poll, and votes under way at the close.

use futures::future::join_all;
use serde_json::json;

use crate::polls::create::{NUMBER, faults, id, made, make, run, stored};
use crate::support::app::{START_TIME, Site, until};

#[tokio::test]
async fn an_open_poll_is_extended_and_closed_and_a_closed_one_stays_so() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let path = make(
            &olga,
            json!({ "zone": "Europe/Berlin", "closes": "2026-11-24T08:00" }),
        )
        .await;
        let extend = |closes: &str| {
            let (olga, form) = (olga.clone(), json!({ "poll": id(&path), "closes": closes }));
            async move { olga.call("extend_poll", form).await }
        };
        assert_eq!(
            stored(&site, &path).await.poll.closes_at,
            Some(START_TIME + 3_600)
        );
        for (typed, words) in [
            ("2026-11-24T08:00", "It's already open until then"),
            ("2026-11-24T07:00", "has passed"),
            ("", "Enter a date and time"),
        ] {
            assert!(
                faults(&extend(typed).await)["closes"]
                    .as_str()
                    .unwrap()
                    .contains(words),
                "{typed}"
            );
        }
        made(&extend("2026-11-24T08:01").await);
        assert_eq!(
            stored(&site, &path).await.poll.closes_at,
            Some(START_TIME + 3_660)
        );
        site.clock.advance(10);
        made(&run(&olga, "close_poll", &path).await);
        assert_eq!(
            stored(&site, &path).await.poll.closes_at,
            Some(START_TIME + 10)
        );
        let late = paul
            .call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
            .await;
        late.says(422, "Voting has ended, so this vote wasn't counted.");
        extend("2026-11-25T08:01")
            .await
            .says(422, "This poll is closed.");
        run(&olga, "close_poll", &path)
            .await
            .says(422, "This poll isn't open");
        run(&olga, "open_poll", &path)
            .await
            .says(422, "This poll has already opened.");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_is_under_way_at_the_close_counts_or_is_refused_and_nothing_counts_after_it() {
    for site in Site::on_each_database().await {
        let (olga, second_instance) = (
            site.verified("olga", NUMBER).await,
            site.second_instance().await,
        );
        let mut voters = Vec::new();
        for n in 0..6 {
            voters.push(
                site.verified(&format!("voter{n}"), &format!("+44770090020{n}"))
                    .await,
            );
        }
        for round in 0..8 {
            let path = make(&olga, json!({})).await;
            let casts = voters.iter().enumerate().map(|(n, voter)| {
                let voter = if n % 2 == 0 {
                    voter.clone()
                } else {
                    voter.at(&second_instance.origin)
                };
                let ballot = json!({ "poll": id(&path), "choice": "1" });
                async move { voter.call("cast_vote", ballot).await.status.as_u16() }
            });
            let (closed, answers) = tokio::join!(run(&olga, "close_poll", &path), join_all(casts));
            made(&closed);
            assert!(
                answers.iter().all(|status| matches!(status, 200 | 422)),
                "{answers:?}"
            );
            let row = stored(&site, &path).await.row;
            let ballots = site
                .count(&format!(
                    "SELECT COUNT(*) FROM ballot WHERE poll_id = {row}"
                ))
                .await;
            assert_eq!(
                ballots,
                i64::try_from(answers.iter().filter(|status| **status == 200).count()).unwrap(),
                "round {round}"
            );
            for voter in &voters {
                let late = voter
                    .call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
                    .await;
                late.says(422, "Voting has ended");
            }
            assert_eq!(
                site.count(&format!(
                    "SELECT COUNT(*) FROM ballot WHERE poll_id = {row}"
                ))
                .await,
                ballots,
                "round {round}"
            );
        }
    }
}

#[tokio::test]
async fn a_vote_that_waited_while_its_poll_was_closed_comes_too_late() {
    for site in Site::on_each_database().await {
        // On SQLite, with one writer, a vote starts, and reads the clock, after the close.
        if site.state.db.backend() == sea_orm::DbBackend::Sqlite {
            continue;
        }
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let path = make(&olga, json!({})).await;
        let closing = site.state.db.begin().await.unwrap();
        let sql = "UPDATE poll SET closes_at = $1 WHERE public_id = $2";
        pollstr::platform::db::execute(&closing, sql, [(START_TIME + 5).into(), id(&path).into()])
            .await
            .unwrap();
        let ballot = json!({ "poll": id(&path), "choice": "1" });
        let vote = tokio::spawn(async move { paul.call("cast_vote", ballot).await });
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until(async || site.count(waiting).await > 0).await;
        site.clock.advance(10);
        closing.commit().await.unwrap();
        vote.await
            .unwrap()
            .says(422, "Voting has ended, so this vote wasn't counted.");
    }
}
