//! Codes and recovery codes, each posted twice.

use crate::accounts::repeated_forms::{deaf, filled, happened, has_code, is_verified, twice};
use crate::accounts::second_factors::{App, NUMBER, logs_in, makes_codes};
use crate::support::app::Site;

#[tokio::test]
async fn a_code_posted_twice_proves_the_number_once_and_both_responses_succeed() {
    for site in Site::on_each_database().await {
        let amy = has_code(&site, "amy").await;
        let fields = [("code", &*site.code()), ("remember", "yes")];
        let to = "/account/recovery/offer";
        let second = twice(&amy, "/verify/code", "Confirm", &fields, to).await;
        // The flash message of the first response shows on the next page.
        second.get("/").await.says(200, "your number is verified");
        assert!(is_verified(&site, &second).await);
        assert_eq!(second.cookie("remembered"), amy.cookie("remembered"));
        assert_eq!(happened(&site, "number proved").await, 1);
        assert_eq!(happened(&site, "code wrong").await, 0);
        assert_eq!(site.phones().checks(), 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM session").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule LIKE 'wrong code%'")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn an_app_code_posted_twice_is_used_once_and_both_responses_succeed() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let page = "/account/authenticator";
        amy.fill(page, "Set up an app", &[]).await.goes_to(page);
        let app = App::scan(&amy.get(page).await.body);
        let code = app.shows(site.clock.now());
        let second = twice(&amy, page, "Confirm", &[("code", &code)], "/account").await;
        second.get("/account").await.says(200, "App set up.");
        assert_eq!(happened(&site, "app set").await, 1);
        site.clock.advance(60);
        let elsewhere = logs_in(&amy, "amy").await;
        let code = app.shows(site.clock.now());
        let second = twice(
            &elsewhere,
            "/verify/app",
            "Confirm",
            &[("code", &code)],
            "/",
        )
        .await;
        assert!(is_verified(&site, &second).await);
        assert_eq!(happened(&site, "app code used").await, 1);
    }
}

#[tokio::test]
async fn a_recovery_code_sent_twice_is_one_code_and_opens_the_way_both_times() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let codes = makes_codes(&amy).await;
        let elsewhere = logs_in(&amy, "amy").await;
        let page = "/verify/recovery";
        let second = twice(&elsewhere, page, "Continue", &[("code", &codes[0])], page).await;
        second
            .get(page)
            .await
            .says(200, "You have ten minutes to set up a new way to get codes");
        assert_eq!(site.count("SELECT COUNT(*) FROM recovery_code").await, 9);
        assert_eq!(happened(&site, "recovery code used").await, 1);
        assert_eq!(happened(&site, "code wrong").await, 0);
    }
}

#[tokio::test]
async fn the_code_of_a_new_number_sent_twice_changes_it_once() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let fields = [("phone", "+447700900124")];
        twice(
            &amy,
            "/account/number",
            "Send code",
            &fields,
            "/account/number/code",
        )
        .await;
        assert_eq!(site.phones().messages().len(), 2);
        let fields = [("code", &*site.code())];
        let second = twice(&amy, "/account/number/code", "Confirm", &fields, "/account").await;
        second.get("/account").await.says(200, "Number changed.");
        assert_eq!(happened(&site, "number changed").await, 1);
    }
}

#[tokio::test]
async fn new_recovery_codes_made_twice_are_the_same_ten_on_both_pages() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let page = "/account/recovery";
        let form = filled(&amy, page, "Create new codes", &[]).await;
        let second = deaf(&amy);
        amy.post(page, &form).await.goes_to(page);
        second.post(page, &form).await.goes_to(page);
        assert!(
            amy.cookie("recovery")
                .is_some_and(|codes| codes.len() > 160)
        );
        assert_eq!(second.cookie("recovery"), amy.cookie("recovery"));
        second.get(page).await.says(200, "You won't see them again");
        assert_eq!(happened(&site, "recovery codes made").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM recovery_code").await, 10);
        // Another form makes other codes.
        let codes = amy.cookie("recovery");
        amy.set_cookie("recovery", "");
        amy.fill(page, "Create new codes", &[]).await.goes_to(page);
        assert_ne!(amy.cookie("recovery"), codes);
        assert_eq!(site.count("SELECT COUNT(*) FROM recovery_code").await, 10);
        // After logging out nothing is shown.
        amy.set_cookie("recovery", "");
        let form = filled(&amy, page, "Create new codes", &[]).await;
        let second = deaf(&amy);
        amy.post(page, &form).await.goes_to(page);
        amy.fill("/", "Log out", &[]).await.goes_to("/");
        second
            .post(page, &form)
            .await
            .goes_to("/login?next=/account/recovery");
        assert_eq!(second.cookie("recovery"), None);
    }
}

#[tokio::test]
async fn a_code_asked_for_twice_is_one_message_and_both_answers_lead_to_its_page() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        twice(
            &amy,
            "/verify",
            "Send code",
            &[("phone", NUMBER)],
            "/verify/code",
        )
        .await;
        assert_eq!(site.phones().messages().len(), 1);
        site.clock.advance(30);
        twice(&amy, "/verify/code", "Send a new code", &[], "/verify/code").await;
        assert_eq!(site.phones().messages().len(), 2);
        // Another form is a new request, and comes too soon.
        amy.fill("/verify/code", "Send a new code", &[])
            .await
            .says(429, "We sent a code a moment ago.");
    }
}
