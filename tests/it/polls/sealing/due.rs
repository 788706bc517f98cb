//! Which polls are sealed, and when.

use pollstr::polls::sealing::seal::seal_due;
use sea_orm::ConnectionTrait;

use crate::support::app::{START_TIME, Site, until};
use crate::support::voters::{asked, cast_all, electorate};

#[tokio::test]
async fn a_poll_that_cannot_be_sealed_keeps_no_other_from_it() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let mut polls = Vec::new();
        for seconds in [59, 60] {
            polls.push(asked(state, |draft| draft.closes_at = Some(START_TIME + seconds)).await);
        }
        let kind = async |kind: &str| {
            let sql = format!(
                "UPDATE poll SET kind = '{kind}' WHERE public_id = '{}'",
                polls[0]
            );
            state.db.write().execute_unprepared(&sql).await.unwrap();
        };
        kind("none").await;
        site.clock.advance(60);
        assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
        let sealed = format!(
            "SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed' AND public_id = '{}'",
            polls[1]
        );
        assert_eq!(site.count(&sealed).await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state <> 'not_started'")
                .await,
            2,
            "no vote comes in after the close"
        );
        kind("single").await;
        assert_eq!(
            seal_due(&state.db, &site.clock).await,
            Ok(0),
            "it is left alone for a while"
        );
        site.clock.advance(30);
        assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
    }
}

#[tokio::test]
async fn open_polls_drafts_and_polls_without_an_end_are_left_alone() {
    let site = Site::new().await;
    let state = &site.state;
    asked(state, |draft| draft.closes_at = Some(START_TIME + 61)).await;
    asked(state, |draft| {
        (draft.draft, draft.closes_at) = (true, Some(START_TIME + 1));
    })
    .await;
    site.clock.advance(60);
    assert_eq!(seal_due(&state.db, &site.clock).await, Ok(0));
    site.clock.advance(1);
    assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
    assert_eq!(
        site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_not_sealed_while_somebody_may_still_see_what_was_before() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let state = &site.state;
        let poll = asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await;
        let voters = electorate(state, 0, 5).await;
        cast_all(
            &state.ballots,
            voters.iter().map(|voter| voter.vote(&poll, &[2])),
        )
        .await;
        let old = state.db.begin().await.unwrap();
        old.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            .await
            .unwrap();
        site.clock.advance(60);
        let failed = seal_due(&state.db, &site.clock)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            failed.contains("a transaction from before the close is still open"),
            "{failed}"
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
                .await,
            0
        );
        old.rollback().await.unwrap();
        // The failed run's lock may be released a moment later.
        until(async || seal_due(&state.db, &site.clock).await == Ok(1)).await;
    }
}
