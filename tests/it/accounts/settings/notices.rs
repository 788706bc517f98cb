//! Notices and recent activity.

use crate::accounts::settings::{PASSWORD, changes};
use crate::support::app::Site;

#[tokio::test]
async fn a_number_that_has_left_is_told_at_the_next_login() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        site.clock.advance(3_700);
        site.verified("ben", "+447700900123").await;
        let again = amy.other_browser();
        let fields = [("username", "amy"), ("password", "four words and more")];
        again
            .fill("/login", "Log in", &fields)
            .await
            .goes_to("/verify");
        again
            .get("/verify")
            .await
            .says(200, "Another account verified your number");
        assert!(
            !again.get("/verify").await.body.contains("Another account"),
            "a flash is shown once"
        );
        again.get("/account").await.says(
            200,
            "Another account verified your number, so it was removed here",
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'number left' AND ip_prefix = '' AND browser = ''").await, 1);
    }
}

#[tokio::test]
async fn a_notice_is_put_away_by_its_own_account_and_only_when_it_was_shown() {
    let site = Site::new().await;
    let (amy, ben) = (site.registered("amy").await, site.registered("ben").await);
    changes(&amy, PASSWORD, "some other words")
        .await
        .goes_to("/account");
    let form = amy.form("/account", "Got it").await;
    let newest = form
        .iter()
        .find(|(name, _)| name == "newest")
        .unwrap()
        .1
        .clone();
    assert_eq!(
        ben.call("dismiss_notices", serde_json::json!({ "newest": newest }))
            .await
            .status,
        200
    );
    assert_eq!(
        amy.call("dismiss_notices", serde_json::json!({ "newest": "999999" }))
            .await
            .status,
        200
    );
    amy.get("/account").await.says(200, "If that was not you");
    changes(&amy, "some other words", PASSWORD)
        .await
        .goes_to("/account");
    amy.post("/account", &form).await;
    amy.get("/account").await.says(200, "If that was not you");
}

#[tokio::test]
async fn failed_logins_are_told_to_the_owner_and_forgotten_after_a_year() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let stranger = site.visitor();
    for name in ["amy", "nobody"] {
        let page = stranger
            .fill(
                "/login",
                "Log in",
                &[("username", name), ("password", "four words or more")],
            )
            .await;
        page.says(422, "Your username and password didn't match.");
    }
    amy.get("/account")
        .await
        .says(200, "Someone tried to log in with a wrong password");
    amy.get("/account").await.says(200, &stranger.place());
    assert_eq!(
        site.count(
            "SELECT COUNT(*) FROM audit_event WHERE kind = 'log-in failed' AND account_id IS NULL"
        )
        .await,
        1
    );
    let year = pollstr::accounts::audit::MEMORY;
    for (age, left) in [(year - 1, 3), (year, 0)] {
        pollstr::accounts::audit::forget(&site.state.db, crate::support::app::START_TIME + age)
            .await
            .unwrap();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event").await,
            left,
            "{age}"
        );
    }
}
