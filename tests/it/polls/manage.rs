//! Managing polls: open, extend, close and delete, and concurrent actions.

use futures::future::join_all;
use pollstr::polls::store::purge;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::polls::create::{NUMBER, faults, id, made, make, run, stored, with};
use crate::support::app::{START_TIME, Site, until};

#[tokio::test]
async fn what_is_asked_freezes_when_the_poll_opens() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(
            &olga,
            json!({ "opens": "2026-11-24T07:00", "closes": "2026-11-24T09:00" }),
        )
        .await;
        let edit = || {
            olga.call(
                "edit_poll",
                with(
                    json!({ "poll": id(&path), "question": "Beer?", "opens": "2026-11-24T07:00" }),
                ),
            )
        };
        olga.get(&format!("{path}/vote"))
            .await
            .says(200, "This is a preview");
        site.clock.advance(3_599);
        made(&edit().await);
        assert_eq!(stored(&site, &path).await.poll.question, "Beer?");
        site.clock.advance(1);
        edit().await.says(422, "This poll has opened");
        olga.get(&format!("{path}/edit"))
            .await
            .says(200, "This poll has opened");
        olga.fill(&format!("{path}/vote"), "Vote", &[("choice", "2")])
            .await
            .goes_to(&format!("{path}/results"));
    }
}

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

#[tokio::test]
async fn a_poll_is_unlisted_copied_and_deleted_with_everything_in_it() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let path = make(
            &olga,
            json!({ "kind": "multiple", "changeable": "yes", "countries": "+44" }),
        )
        .await;
        paul.fill(
            &format!("{path}/vote"),
            "Vote",
            &[("choice", "2"), ("choice", "1")],
        )
        .await
        .goes_to(&format!("{path}/results"));
        olga.fill(&path, "Unlist", &[]).await.goes_to(&path);
        assert!(!site.visitor().get("/").await.body.contains(&path));
        site.visitor().get(&path).await.says(200, "Tea or coffee?");
        olga.fill(&path, "List", &[]).await.goes_to(&path);
        site.visitor().get("/").await.says(200, &path);
        let copy = olga.fill(&path, "Duplicate", &[]).await;
        let copy = copy.header("location").trim_end_matches("/edit").to_owned();
        let poll = stored(&site, &copy).await.poll;
        assert_eq!(
            (
                poll.question.as_str(),
                poll.choices.len(),
                poll.changeable,
                poll.countries
            ),
            ("Tea or coffee?", 2, true, vec!["44".to_owned()])
        );
        olga.fill(&path, "Delete for good", &[])
            .await
            .goes_to("/account/polls");
        olga.get(&path).await.says(404, "Page not found");
        purge::forget(&site.state.db).await.unwrap();
        for table in ["participation", "account_participation", "ballot", "tally"] {
            assert_eq!(
                site.count(&format!("SELECT COUNT(*) FROM {table}")).await,
                0,
                "{table}"
            );
        }
        made(&run(&olga, "delete_poll", &copy).await);
        purge::forget(&site.state.db).await.unwrap();
        assert_eq!(site.count("SELECT COUNT(*) FROM choice JOIN poll ON poll.id = choice.poll_id WHERE owner_id IS NOT NULL").await, 0);
        for what in ["poll made", "poll deleted"] {
            assert_eq!(
                site.count(&format!(
                    "SELECT COUNT(*) FROM audit_event WHERE kind = '{what}'"
                ))
                .await,
                2,
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn a_poll_that_is_deleted_is_gone_at_once_however_long_its_votes_take() {
    for site in Site::on_each_database().await {
        let db = &site.state.db;
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let path = make(&olga, json!({})).await;
        made(
            &paul
                .call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
                .await,
        );
        // More than one batch.
        let postgres = db.backend() == sea_orm::DbBackend::Postgres;
        let bytes = if postgres {
            "decode(md5(random()::text), 'hex')"
        } else {
            "randomblob(16)"
        };
        let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5001)";
        let of_poll = format!("(SELECT id FROM poll WHERE public_id = '{}')", id(&path));
        let sql = format!(
            "{numbers} INSERT INTO ballot (poll_id, id, choices, receipt) SELECT {of_poll}, {bytes}, '1', {bytes} FROM numbers"
        );
        db.write().execute_unprepared(&sql).await.unwrap();
        let held = db.begin().await.unwrap();
        if postgres {
            // Its ballots can't be deleted while a transaction holds one. SQLite has one writer.
            held.execute_unprepared("SELECT id FROM ballot LIMIT 1 FOR UPDATE")
                .await
                .unwrap();
        } else {
            held.rollback().await.unwrap();
        }
        olga.fill(&path, "Delete for good", &[])
            .await
            .goes_to("/account/polls");
        for person in [&olga, &paul, &site.visitor()] {
            person.get(&path).await.says(404, "Page not found");
        }
        assert_eq!(
            olga.call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
                .await
                .status,
            404
        );
        assert!(!olga.get("/account/polls").await.body.contains(&path));
    }
}

#[tokio::test]
async fn what_is_left_of_a_poll_that_was_deleted_by_halves_goes_with_the_hour() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({})).await;
        made(
            &olga
                .call("cast_vote", json!({ "poll": id(&path), "choice": "1" }))
                .await,
        );
        // As left by a process that stopped after the marks.
        let run = async |sql: &str| site.state.db.write().execute_unprepared(sql).await.unwrap();
        run(&format!(
            "UPDATE poll SET draft = TRUE, owner_id = NULL WHERE public_id = '{}'",
            id(&path)
        ))
        .await;
        run("DELETE FROM participation").await;
        purge::forget(&site.state.db).await.unwrap();
        for table in ["participation", "ballot", "tally"] {
            assert_eq!(
                site.count(&format!("SELECT COUNT(*) FROM {table}")).await,
                0,
                "{table}"
            );
        }
        assert_eq!(
            site.count(&format!(
                "SELECT COUNT(*) FROM poll WHERE public_id = '{}'",
                id(&path)
            ))
            .await,
            0
        );
    }
}

#[tokio::test]
async fn a_poll_that_is_changed_before_it_opens_is_counted_as_it_is_now_everywhere() {
    for site in Site::on_each_database().await {
        let twin = site.twin().await;
        let olga = site.verified("olga", NUMBER).await;
        let path = make(
            &olga,
            json!({ "opens": "2027-01-01T00:00", "results": "always" }),
        )
        .await;
        let results = format!("{path}/results");
        twin.visitor().get(&results).await.says(200, ">Coffee<");
        let form = json!({ "poll": id(&path), "question": "Tea or milk?", "choice": ["Tea", "Milk"], "opens": "2027-01-01T00:00", "results": "always" });
        made(&olga.call("edit_poll", form).await);
        twin.visitor().get(&results).await.says(200, ">Milk<");
    }
}

#[tokio::test]
async fn what_was_done_through_a_process_is_seen_there_at_once() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let ada = site.verified("ada", "+447700900124").await;
    site.state
        .db
        .write()
        .execute_unprepared("UPDATE account SET role = 'admin' WHERE username = 'ada'")
        .await
        .unwrap();
    let path = make(
        &olga,
        json!({ "opens": "2027-01-01T00:00", "results": "always" }),
    )
    .await;
    let here = site.with_a_memory().await;
    let (olga, ada, visitor) = (olga.at(&here.origin), ada.at(&here.origin), here.visitor());
    visitor.get(&path).await.says(200, "Tea or coffee?");
    visitor
        .get(&format!("{path}/results"))
        .await
        .says(200, ">Coffee<");
    let form = json!({ "poll": id(&path), "question": "Tea or milk?", "choice": ["Tea", "Milk"], "opens": "2027-01-01T00:00", "results": "always" });
    made(&olga.call("edit_poll", form).await);
    visitor
        .get(&format!("{path}/results"))
        .await
        .says(200, ">Milk<");
    made(&run(&olga, "open_poll", &path).await);
    visitor.get(&path).await.says(200, ">Open<");
    made(
        &olga
            .call("list_poll", json!({ "poll": id(&path), "listed": "no" }))
            .await,
    );
    visitor.get(&path).await.says(200, "Unlisted");
    made(
        &olga
            .call("cast_vote", json!({ "poll": id(&path), "choice": "2" }))
            .await,
    );
    visitor
        .get(&format!("{path}/results"))
        .await
        .says(200, "1 vote so far");
    made(
        &olga
            .call(
                "extend_poll",
                json!({ "poll": id(&path), "closes": "2027-01-02T00:00" }),
            )
            .await,
    );
    visitor.get(&path).await.says(200, "Open until");
    made(&run(&olga, "close_poll", &path).await);
    visitor.get(&path).await.says(200, ">Closed<");
    made(
        &ada.call(
            "take_down_poll",
            json!({ "poll": id(&path), "reason": "Spam" }),
        )
        .await,
    );
    visitor.get(&path).await.says(404, "Page not found");
    made(
        &ada.call("put_back_poll", json!({ "poll": id(&path) }))
            .await,
    );
    visitor.get(&path).await.says(200, ">Closed<");
    made(&run(&olga, "delete_poll", &path).await);
    visitor.get(&path).await.says(404, "Page not found");
    // A stranger's post changes nothing.
    let other = site.poll().await;
    visitor.get(&other).await.says(200, "Share this poll");
    site.state
        .db
        .write()
        .execute_unprepared("UPDATE poll SET question = 'Changed behind its back'")
        .await
        .unwrap();
    visitor
        .fill(
            "/login",
            "Log in",
            &[("username", "nobody"), ("password", "no password at all")],
        )
        .await
        .says(422, "match");
    assert!(!visitor.get(&other).await.body.contains("Changed behind"));
}

#[tokio::test]
async fn only_its_owner_runs_a_poll() {
    let site = Site::new().await;
    let (olga, paul) = (
        site.verified("olga", NUMBER).await,
        site.verified("paul", "+447700900124").await,
    );
    let path = make(&olga, json!({ "opens": "2027-01-01T00:00" })).await;
    for function in [
        "open_poll",
        "close_poll",
        "extend_poll",
        "list_poll",
        "copy_poll",
        "delete_poll",
        "edit_poll",
    ] {
        assert_eq!(run(&paul, function, &path).await.status, 404, "{function}");
        assert_eq!(
            run(&paul, function, &site.poll().await).await.status,
            404,
            "{function}: the demo's polls are nobody's"
        );
    }
    paul.get(&format!("{path}/edit"))
        .await
        .says(404, "Page not found");
    assert!(!paul.get(&path).await.body.contains("organiser"));
    assert!(!paul.get("/account/polls").await.body.contains(&path));
    paul.get(&format!("{path}/vote"))
        .await
        .says(200, "Voting begins on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_voted_on_is_what_was_asked_however_opening_and_editing_race() {
    for site in Site::on_each_database().await {
        let (olga, twin) = (site.verified("olga", NUMBER).await, site.twin().await);
        for round in 0..15 {
            let path = make(
                &olga,
                json!({ "opens": "2027-01-01T00:00", "choice": ["Old 1", "Old 2"] }),
            )
            .await;
            let edit = with(
                json!({ "poll": id(&path), "question": "New?", "choice": ["New 1"], "save": "draft" }),
            );
            let other = olga.at(&twin.origin);
            let (edited, opened) = tokio::join!(
                olga.call("edit_poll", edit),
                run(&other, "open_poll", &path)
            );
            let poll = stored(&site, &path).await.poll;
            let first = poll.choices[0].text.as_str();
            // The first to lock the poll decides what the other finds.
            match (edited.status.as_u16(), opened.status.as_u16()) {
                (200, 422) => {
                    assert_eq!((poll.choices.len(), first), (1, "New 1"), "round {round}");
                }
                (422, 200) => {
                    assert_eq!((poll.choices.len(), first), (2, "Old 1"), "round {round}");
                }
                other => panic!("round {round}: {other:?}"),
            }
        }
        // No round exceeds the daily limit: 15 polls were created.
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL")
                .await,
            15
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_is_under_way_at_the_close_counts_or_is_refused_and_nothing_counts_after_it() {
    for site in Site::on_each_database().await {
        let (olga, twin) = (site.verified("olga", NUMBER).await, site.twin().await);
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
                    voter.at(&twin.origin)
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
