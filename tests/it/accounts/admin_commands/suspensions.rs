//! Suspended accounts, and numbers that the operator removed.

use crate::accounts::admin_commands::{PASSWORD, operator};
use crate::support::app::Site;

#[tokio::test]
async fn a_suspended_account_is_out_at_once_and_told_why_after_the_right_password() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        let poll = site.poll().await;
        let ballot = amy.form(&format!("{poll}/vote"), "Vote").await;
        let said = operator(&site)
            .suspend("amy", "It made polls about cats.")
            .await
            .unwrap();
        assert_eq!(said, "amy is suspended; sessions ended: 1.");
        let choice = vec![("choice".to_owned(), "1".to_owned())];
        amy.post(&format!("{poll}/vote"), &[ballot, choice].concat())
            .await
            .goes_to(&format!("/login?next={poll}/vote"));
        amy.get("/account").await.goes_to("/login?next=/account");
        let wrong = amy
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words or more")],
            )
            .await;
        wrong.says(422, "Your username and password didn't match.");
        assert!(
            !wrong.body.contains("suspended"),
            "only the right password learns of it"
        );
        let right = amy
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", PASSWORD)],
            )
            .await;
        right.says(
            422,
            "Reason from the site's admin: It made polls about cats.",
        );
        operator(&site).restore("amy").await.unwrap();
        amy.fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
        let page = amy.get("/account").await;
        page.says(
            200,
            "An admin suspended this account: It made polls about cats.",
        );
        page.says(200, "An admin lifted this account's suspension");
        page.says(200, "A login was refused because the account is suspended");
    }
}

#[tokio::test]
async fn a_number_that_the_operator_took_off_can_be_proved_again() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900123").await;
        operator(&site).reset_phone("AMY").await.unwrap();
        assert_eq!(
            operator(&site).reset_phone("amy").await.unwrap(),
            "amy has no number; cleared any pending code and failed attempts."
        );
        amy.get("/account").await.goes_to("/login?next=/account");
        amy.fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
        amy.get("/account")
            .await
            .says(200, "removed your number so you can verify another");
        amy.fill("/verify", "Send code", &[("phone", "+447700900456")])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        assert_eq!(
            operator(&site)
                .reset_phone("nobody")
                .await
                .unwrap_err()
                .to_string(),
            "there is no account \"nobody\"; `pollstr user list` shows all"
        );
    }
}

#[tokio::test]
async fn a_suspension_needs_a_reason() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for reason in ["", "  ", "\u{3164}", "a\u{7}b", &"x".repeat(201)] {
        operator(&site).suspend("amy", reason).await.unwrap_err();
    }
    amy.get("/account").await.says(200, "Your account");
    operator(&site)
        .suspend("amy", &"x".repeat(200))
        .await
        .unwrap();
}
