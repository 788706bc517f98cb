//! Deleting an account: what goes with it and what stays.

use pollstr::polls::store::drafts::{Draft, insert};

use crate::accounts::settings::{PASSWORD, logs_in};
use crate::support::app::Site;

#[tokio::test]
async fn a_deleted_account_leaves_its_votes_its_marks_and_nothing_else() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        let amy = site.verified("amy", "+447700900123").await;
        let other = logs_in(&amy, "amy", PASSWORD).await;
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let button = "Delete my account";
        amy.fill(
            "/account/delete",
            button,
            &[("password", "four words or more")],
        )
        .await
        .says(422, "That is not your password.");
        amy.fill("/account/delete", button, &[("password", PASSWORD)])
            .await
            .goes_to("/");
        amy.get("/").await.says(200, "Your account is deleted.");
        for browser in [&amy, &other] {
            browser
                .get("/account")
                .await
                .goes_to("/login?next=/account");
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE username_key = 'amy'")
                .await,
            0
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        assert_eq!(
            site.count(
                "SELECT COUNT(*) FROM audit_event WHERE kind = 'account deleted' AND account_id IS NULL"
            )
            .await,
            1
        );
        assert_eq!(
            site.count(
                "SELECT COUNT(*) FROM audit_event WHERE kind = 'number proved' AND account_id IS NULL"
            )
            .await,
            1
        );
        // A deleted account's number isn't waited for.
        site.clock.advance(31);
        let again = site.verified("amy", "+447700900123").await;
        let vote = serde_json::json!({ "poll": poll.trim_start_matches("/polls/"), "choice": "2" });
        again.call("cast_vote", vote).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
        again
            .get("/account")
            .await
            .says(200, "You created this account");
        assert!(
            !again.get("/account").await.body.contains("wrong password"),
            "a new account has no past"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_deleted_while_it_votes_leaves_a_vote_with_its_mark_or_neither() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        for round in 0..10 {
            let amy = site
                .verified(&format!("amy{round}"), &format!("+4477009000{round:02}"))
                .await;
            let mut vote = amy.form(&format!("{poll}/vote"), "Vote").await;
            vote.push(("choice".to_owned(), "1".to_owned()));
            let mut delete = amy.form("/account/delete", "Delete my account").await;
            delete.push(("password".to_owned(), PASSWORD.to_owned()));
            let ballot = format!("{poll}/vote");
            let (voted, deleted) = tokio::join!(
                amy.post(&ballot, &vote),
                amy.post("/account/delete", &delete)
            );
            deleted.goes_to("/");
            assert!(voted.status == 303, "round {round}: {}", voted.status);
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE username LIKE 'amy%'")
                .await,
            0
        );
        let ballots = site.count("SELECT COUNT(*) FROM ballot").await;
        assert_eq!(
            site.count("SELECT COUNT(*) FROM participation").await,
            ballots
        );
        assert_eq!(
            site.count("SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = 'ballots'")
                .await,
            ballots
        );
    }
}

#[tokio::test]
async fn drafts_go_with_their_owner_and_polls_that_were_opened_stay() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let owner = Some(
            site.count("SELECT id FROM account WHERE username_key = 'amy'")
                .await,
        );
        let transaction = site.state.db.begin().await.unwrap();
        for draft in [true, false] {
            let poll = Draft {
                owner,
                draft,
                ..Draft::asking(
                    "Where shall we walk?",
                    &["Park", "Beach"],
                    crate::support::app::START_TIME,
                )
            };
            insert(&transaction, &poll, crate::support::app::START_TIME)
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
        let walks = "SELECT COUNT(*) FROM poll WHERE question LIKE 'Where shall we%'";
        pollstr::polls::store::purge::forget(&site.state.db)
            .await
            .unwrap();
        assert_eq!(site.count(walks).await, 2);
        amy.fill(
            "/account/delete",
            "Delete my account",
            &[("password", PASSWORD)],
        )
        .await
        .goes_to("/");
        pollstr::polls::store::purge::forget(&site.state.db)
            .await
            .unwrap();
        assert_eq!(
            site.count(&format!("{walks} AND owner_id IS NULL AND NOT draft"))
                .await,
            1
        );
        assert_eq!(site.count(walks).await, 1);
    }
}
