//! Deleting a poll with everything in it, and what an interrupted deletion leaves.

use pollstr::polls::store::purge;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::polls::create::{NUMBER, id, made, make, run, stored};
use crate::support::app::Site;

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
        olga.fill(
            &path,
            "Add the correction",
            &[("correction", "Any tea counts.")],
        )
        .await
        .goes_to(&path);
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
                poll.countries.clone()
            ),
            ("Tea or coffee?", 2, true, vec!["44".to_owned()])
        );
        assert_eq!(poll.corrections, [], "the copy can be edited");
        olga.fill(&path, "Delete for good", &[])
            .await
            .goes_to("/account/polls");
        olga.get(&path).await.says(404, "Page not found");
        purge::forget(&site.state.db).await.unwrap();
        for table in [
            "participation",
            "account_participation",
            "ballot",
            "tally",
            "correction",
        ] {
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
async fn the_hourly_job_finishes_an_interrupted_deletion() {
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
