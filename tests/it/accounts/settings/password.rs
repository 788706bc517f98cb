//! Typing the password again, and changing it.

use crate::accounts::settings::{PASSWORD, changes, logs_in};
use crate::support::app::Site;
use crate::support::browser::Page;

#[tokio::test]
async fn the_password_is_asked_again_under_the_limits_of_a_login_and_gives_a_new_session_id() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let before = amy.cookie("session").unwrap();
    let page = "/account/confirm?next=/account";
    amy.fill(page, "Continue", &[])
        .await
        .says(422, "Enter your password.");
    amy.fill(page, "Continue", &[("password", "four words or more")])
        .await
        .says(422, "That is not your password.");
    amy.fill(page, "Continue", &[("password", "four words and more")])
        .await
        .goes_to("/account");
    assert_ne!(amy.cookie("session").unwrap(), before);
    let thief = amy.other_browser();
    thief.set_cookie("session", &before);
    thief.get("/account").await.goes_to("/login?next=/account");
    amy.get("/account")
        .await
        .says(200, "Someone who was logged in entered a wrong password");
    for _ in 0..9 {
        amy.fill(page, "Continue", &[("password", "four words or more")])
            .await
            .says(422, "That is not your password.");
    }
    amy.fill(page, "Continue", &[("password", "four words and more")])
        .await
        .says(429, "Too many wrong passwords.");
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions_and_leaves_a_notice() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let other = logs_in(&amy, "amy", PASSWORD).await;
        let before = amy.cookie("session").unwrap();
        changes(&amy, "", "")
            .await
            .says(422, "Enter your password.");
        changes(&amy, PASSWORD, "short")
            .await
            .says(422, "Use at least 8 characters.");
        changes(&amy, PASSWORD, PASSWORD)
            .await
            .says(422, "That's your current password.");
        changes(&amy, "four words or more", "some other words")
            .await
            .says(422, "That is not your password.");
        other.get("/account").await.says(200, "Your account");
        changes(&amy, PASSWORD, "some other words")
            .await
            .goes_to("/account");
        amy.get("/account")
            .await
            .says(200, "Password changed. All other browsers are logged out.");
        other.get("/account").await.goes_to("/login?next=/account");
        let thief = amy.other_browser();
        thief.set_cookie("session", &before);
        thief.get("/account").await.goes_to("/login?next=/account");
        let old = [("username", "amy"), ("password", PASSWORD)];
        other
            .fill("/login", "Log in", &old)
            .await
            .says(422, "Your username and password didn't match.");
        let again = logs_in(&amy, "amy", "some other words").await;
        again
            .get("/verify")
            .await
            .says(200, "You have a security notice in your account.");
        again
            .get("/account")
            .await
            .says(200, "Your password was changed. If that was not you");
        again
            .fill("/account", "Got it", &[])
            .await
            .goes_to("/account");
        assert!(
            !again
                .get("/account")
                .await
                .body
                .contains("If that was not you")
        );
    }
}

#[tokio::test]
async fn the_password_alone_does_not_allow_changing_an_account_with_a_number() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let thief = logs_in(&amy, "amy", PASSWORD).await;
    for page in [
        "/account/password",
        "/account/delete",
        "/account/data",
        "/account/confirm",
    ] {
        thief
            .get(page)
            .await
            .goes_to(&format!("/verify?next={page}"));
    }
    thief
        .get("/account/data.json")
        .await
        .goes_to("/account/data");
    for function in [
        "change_password",
        "delete_account",
        "end_session",
        "end_other_sessions",
        "confirm_password",
        "dismiss_notices",
    ] {
        assert_eq!(
            thief
                .call(
                    function,
                    serde_json::json!({ "password": PASSWORD, "new_password": "some other words" })
                )
                .await
                .status,
            403
        );
    }
    changes(&amy, PASSWORD, "some other words")
        .await
        .goes_to("/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_flight_is_not_quicker_than_a_changed_password() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let (mut old, mut new) = (PASSWORD, "some other words");
        for round in 0..20 {
            let thief = amy.other_browser();
            let mut login = thief.form("/login", "Log in").await;
            login.extend([
                ("username".to_owned(), "amy".to_owned()),
                ("password".to_owned(), old.to_owned()),
            ]);
            let mut change = amy.form("/account/password", "Change password").await;
            change.extend([
                ("password".to_owned(), old.to_owned()),
                ("new_password".to_owned(), new.to_owned()),
            ]);
            let (changed, _) = tokio::join!(
                amy.post("/account/password", &change),
                thief.post("/login", &login)
            );
            changed.goes_to("/account");
            thief.get("/account").await.goes_to("/login?next=/account");
            amy.get("/account").await.says(200, "Your account");
            assert_eq!(
                site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                    .await,
                1,
                "round {round}"
            );
            (old, new) = (new, old);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_one_password_at_once_one_does() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let other = logs_in(&amy, "amy", PASSWORD).await;
        let words = |n: usize| format!("some other words {n}");
        let (first, second) = (words(1), words(2));
        let (one, two) = tokio::join!(
            changes(&amy, PASSWORD, &first),
            changes(&other, PASSWORD, &second)
        );
        let won = |page: &Page| page.status == 303 && page.header("location") == "/account";
        assert!(won(&one) != won(&two), "{} {}", one.status, two.status);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'password changed'")
                .await,
            1
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            1
        );
        logs_in(&amy, "amy", if won(&one) { &first } else { &second }).await;
    }
}
