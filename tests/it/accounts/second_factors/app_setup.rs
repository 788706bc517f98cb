//! Setting up, changing and removing an authenticator app.

use serde_json::json;

use crate::accounts::second_factors::{App, NUMBER, PASSWORD, is_verified, logs_in, sets_up_app};
use crate::support::app::Site;

#[tokio::test]
async fn an_app_counts_after_its_first_code_and_verifies_a_session_without_a_message() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let page = "/account/authenticator";
        amy.get("/account")
            .await
            .says(200, "Off. You get codes by text");
        amy.fill(page, "Set up an app", &[]).await.goes_to(page);
        let shown = amy.get(page).await;
        shown.says(
            200,
            "role=\"img\" aria-label=\"QR code to scan with your app\"",
        );
        shown.says(200, "otpauth://totp/Pollstr:amy?secret=");
        let app = App::scan(&shown.body);
        let now = site.clock.now();
        amy.fill(page, "Confirm", &[("code", "12345")])
            .await
            .says(422, "Enter the 6 digits from your app.");
        amy.fill(page, "Confirm", &[("code", &app.wrong(now))])
            .await
            .says(422, "That code is not right.");
        let early = logs_in(&amy, "amy").await;
        assert!(
            !early
                .get("/verify")
                .await
                .body
                .contains("authenticator app"),
            "no app counts before its first code"
        );
        early.get("/verify/app").await.goes_to("/verify");
        amy.fill(page, "Confirm", &[("code", &app.shows(now))])
            .await
            .goes_to("/account");
        amy.get("/account").await.says(200, "App set up.");
        amy.get("/account").await.says(200, "On since");
        let messages = site.phones().messages().len();
        let elsewhere = logs_in(&amy, "amy").await;
        let offered = elsewhere.get("/verify").await;
        offered.says(200, "The 6 digits in your authenticator app.");
        let (app_first, text) = (
            offered.body.find("authenticator app").unwrap(),
            offered.body.find("Send code").unwrap(),
        );
        assert!(app_first < text);
        elsewhere
            .fill("/verify", "Confirm", &[("code", &app.shows(now))])
            .await
            .says(422, "You've already used that code.");
        site.clock.advance(30);
        let before = elsewhere.cookie("session").unwrap();
        let code = app.shows(site.clock.now());
        let form = [("code", &*format!("{} {}", &code[..3], &code[3..]))];
        elsewhere
            .fill("/verify/app?next=/account", "Confirm", &form)
            .await
            .goes_to("/account");
        assert!(is_verified(&site, &elsewhere).await);
        assert_ne!(elsewhere.cookie("session").unwrap(), before);
        assert_eq!(site.phones().messages().len(), messages);
        elsewhere
            .get("/account")
            .await
            .says(200, "You entered a code from your app");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'app set'")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn an_app_is_changed_and_removed_by_its_verified_owner_who_typed_the_password_lately() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let old = sets_up_app(&site, &amy).await;
        let page = "/account/authenticator";
        let thief = logs_in(&amy, "amy").await;
        thief
            .get(page)
            .await
            .goes_to(&format!("/verify?next={page}"));
        for function in [
            "begin_app",
            "confirm_app",
            "remove_app",
            "make_recovery_codes",
        ] {
            assert_eq!(
                thief
                    .call(function, json!({ "code": "123456" }))
                    .await
                    .status,
                403,
                "{function}"
            );
        }
        assert_eq!(thief.get("/api/authenticator").await.status, 403);
        site.clock.advance(601);
        amy.get(page)
            .await
            .goes_to(&format!("/account/confirm?next={page}"));
        amy.fill(
            &format!("/account/confirm?next={page}"),
            "Continue",
            &[("password", PASSWORD)],
        )
        .await
        .goes_to(page);
        // The old app works until the new one is confirmed, and not afterwards.
        amy.fill(page, "Replace the app", &[]).await.goes_to(page);
        let new = App::scan(&amy.get(page).await.body);
        let elsewhere = logs_in(&amy, "amy").await;
        elsewhere
            .fill(
                "/verify/app",
                "Confirm",
                &[("code", &old.shows(site.clock.now()))],
            )
            .await
            .goes_to("/");
        amy.fill(page, "Confirm", &[("code", &new.shows(site.clock.now()))])
            .await
            .goes_to("/account");
        site.clock.advance(60);
        let elsewhere = logs_in(&amy, "amy").await;
        let now = site.clock.now();
        elsewhere
            .fill("/verify/app", "Confirm", &[("code", &old.shows(now))])
            .await
            .says(422, "That code is not right.");
        amy.fill(page, "Remove the app", &[])
            .await
            .goes_to("/account");
        amy.get("/account").await.says(200, "App removed.");
        elsewhere.get("/verify/app").await.goes_to("/verify");
        assert_eq!(
            elsewhere
                .call("check_app", json!({ "code": new.shows(now) }))
                .await
                .status,
            403
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM authenticator").await, 0);
    }
}

#[tokio::test]
async fn an_unconfirmed_app_secret_expires_after_ten_minutes() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let page = "/account/authenticator";
    amy.fill(page, "Set up an app", &[]).await.goes_to(page);
    let app = App::scan(&amy.get(page).await.body);
    let form = amy.form(page, "Confirm").await;
    site.clock.advance(600);
    let code = ("code".to_owned(), app.shows(site.clock.now()));
    amy.post(page, &[form, vec![code]].concat())
        .await
        .goes_to(page);
    assert!(!amy.get(page).await.body.contains("id=\"secret\""));
    assert_eq!(
        site.count("SELECT COUNT(*) FROM authenticator WHERE secret IS NOT NULL")
            .await,
        0
    );
}
