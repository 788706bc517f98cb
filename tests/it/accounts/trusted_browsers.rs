//! Trusted browsers: only the password is asked for, for a while.

use pollstr::accounts::admin::commands::AccountAdmin;
use serde_json::json;

use crate::accounts::second_factors::{
    NUMBER, PASSWORD, has_remembered, is_verified, logs_in, logs_in_again, sets_up_app,
};
use crate::support::app::Site;

const MONTH: i64 = 30 * 24 * 3_600;

#[tokio::test]
async fn a_remembered_browser_is_asked_for_the_password_alone_for_thirty_days() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let app = sets_up_app(&site, &amy).await;
        assert!(amy.cookie("remembered").is_none());
        let browser = has_remembered(&site, &amy, &app).await;
        browser
            .get("/account")
            .await
            .says(200, "You remembered this browser");
        logs_in_again(&browser, "amy").await;
        assert!(is_verified(&site, &browser).await);
        browser
            .get("/account")
            .await
            .says(200, "You logged in: this browser is remembered");
        site.clock.advance(MONTH - 1);
        logs_in_again(&browser, "amy").await;
        assert!(is_verified(&site, &browser).await);
        browser.get("/account").await.says(200, "last used");
        site.clock.advance(1);
        logs_in_again(&browser, "amy").await;
        assert!(!is_verified(&site, &browser).await);
        browser.get("/account").await.says(200, "None yet. Tick");
        pollstr::accounts::sessions::trusted_browsers::forget(&site.state.db, site.clock.now())
            .await
            .unwrap();
        assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 0);
    }
}

#[tokio::test]
async fn what_a_browser_keeps_opens_nothing_without_the_password_and_no_other_account() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let app = sets_up_app(&site, &amy).await;
    let browser = has_remembered(&site, &amy, &app).await;
    let stolen = browser.cookie("remembered").unwrap();
    site.verified("ben", "+447700900124").await;
    for (name, password, location) in [
        ("ben", PASSWORD, "/verify"),
        ("amy", "four words or more", ""),
    ] {
        let thief = site.visitor();
        thief.set_cookie("remembered", &stolen);
        let answer = thief
            .fill(
                "/login",
                "Log in",
                &[("username", name), ("password", password)],
            )
            .await;
        assert_eq!(answer.header("location"), location);
        let vote = format!("{}/vote", site.poll().await);
        assert_eq!(thief.get(&vote).await.status, 303, "{name}");
    }
    site.clock.advance(60);
    logs_in_again(&browser, "amy").await;
    assert!(is_verified(&site, &browser).await);
}

#[tokio::test]
async fn a_browser_is_remembered_for_each_of_those_who_share_it() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let app = sets_up_app(&site, &amy).await;
    let browser = has_remembered(&site, &amy, &app).await;
    site.verified("ben", "+447700900124").await;
    site.clock.advance(60);
    logs_in_again(&browser, "ben").await;
    browser
        .fill("/verify", "Send code", &[])
        .await
        .goes_to("/verify/code");
    browser
        .fill(
            "/verify/code",
            "Confirm",
            &[("code", &site.code()), ("remember", "yes")],
        )
        .await
        .goes_to("/account/recovery/offer");
    for name in ["amy", "ben", "amy"] {
        logs_in_again(&browser, name).await;
        assert!(is_verified(&site, &browser).await, "{name}");
    }
}

#[tokio::test]
async fn remembered_browsers_are_listed_and_forgotten_one_by_one_or_all_at_once() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let app = sets_up_app(&site, &amy).await;
        let first = has_remembered(&site, &amy, &app).await;
        let second = has_remembered(&site, &amy, &app).await;
        let third = has_remembered(&site, &amy, &app).await;
        let listed: serde_json::Value =
            serde_json::from_str(&amy.get("/api/remembered_browsers").await.body).unwrap();
        let handle = listed[0]["handle"].as_str().unwrap();
        let thief = logs_in(&amy, "amy").await;
        for function in ["forget_browser", "forget_browsers"] {
            assert_eq!(
                thief
                    .call(function, json!({ "browser": handle }))
                    .await
                    .status,
                403
            );
        }
        let ben = site.verified("ben", "+447700900124").await;
        assert_eq!(
            ben.call("forget_browser", json!({ "browser": handle }))
                .await
                .status,
            200
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM trusted_browser").await,
            3,
            "one forgets one's own"
        );
        assert_eq!(
            amy.call("forget_browser", json!({ "browser": handle }))
                .await
                .status,
            200
        );
        amy.get("/account").await.says(200, "Browser forgotten.");
        logs_in_again(&third, "amy").await;
        assert!(!is_verified(&site, &third).await, "the newest stands first");
        logs_in_again(&first, "amy").await;
        assert!(is_verified(&site, &first).await);
        amy.fill("/account", "Forget all browsers", &[])
            .await
            .goes_to("/account");
        for browser in [&first, &second] {
            logs_in_again(browser, "amy").await;
            assert!(!is_verified(&site, browser).await);
        }
        amy.get("/account")
            .await
            .says(200, "You forgot all browsers");
    }
}

#[tokio::test]
async fn no_browser_is_remembered_after_the_password_or_the_number_is_another() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let app = sets_up_app(&site, &amy).await;
        let browser = has_remembered(&site, &amy, &app).await;
        let fields = [("password", PASSWORD), ("new_password", "some other words")];
        amy.fill("/account/password", "Change password", &fields)
            .await
            .goes_to("/account");
        assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 0);
        let fields = [("username", "amy"), ("password", "some other words")];
        browser
            .fill("/login", "Log in", &fields)
            .await
            .goes_to("/verify");
        assert!(!is_verified(&site, &browser).await);
        site.clock.advance(60);
        let code = app.shows(site.clock.now());
        browser
            .fill(
                "/verify/app",
                "Confirm",
                &[("code", &code), ("remember", "yes")],
            )
            .await
            .goes_to("/");
        assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 1);
        // Another account verifies the number.
        site.clock.advance(3_700);
        site.verified("ben", NUMBER).await;
        assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 0);
        browser.set_cookie("session", "");
        browser
            .fill("/login", "Log in", &fields)
            .await
            .goes_to("/verify");
        assert!(!is_verified(&site, &browser).await);
    }
}

#[tokio::test]
async fn no_browser_is_remembered_after_the_operator_took_the_number_or_closed_the_account() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let app = sets_up_app(&site, &amy).await;
    let operator = || AccountAdmin {
        db: site.state.db.clone(),
        now: site.clock.now(),
    };
    let browser = has_remembered(&site, &amy, &app).await;
    operator()
        .suspend("amy", "It made polls about cats.")
        .await
        .unwrap();
    operator().restore("amy").await.unwrap();
    logs_in_again(&browser, "amy").await;
    assert!(!is_verified(&site, &browser).await);
    has_remembered(&site, &amy, &app).await;
    assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 1);
    operator().reset_phone("amy").await.unwrap();
    assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 0);
    // Without a verified number an app is not a second factor.
    logs_in_again(&browser, "amy").await;
    browser.get("/verify/app").await.goes_to("/verify");
    let code = app.shows(site.clock.now() + 30);
    assert_eq!(
        browser
            .call("check_app", json!({ "code": code }))
            .await
            .status,
        403
    );
    assert!(!is_verified(&site, &browser).await);
}

#[tokio::test]
async fn a_browser_is_remembered_after_a_text_message_where_the_box_was_ticked() {
    for site in Site::on_each_database().await {
        for (name, number, fields, verified) in [
            ("amy", NUMBER, vec![], false),
            ("ben", "+447700900124", vec![("remember", "yes")], true),
        ] {
            let person = site.registered(name).await;
            person
                .fill("/verify", "Send code", &[("phone", number)])
                .await
                .goes_to("/verify/code");
            let code = site.code();
            person
                .fill(
                    "/verify/code",
                    "Confirm",
                    &[fields, vec![("code", &*code)]].concat(),
                )
                .await
                .goes_to("/account/recovery/offer");
            logs_in_again(&person, name).await;
            assert_eq!(is_verified(&site, &person).await, verified);
            assert_eq!(person.cookie("remembered").is_some(), verified);
        }
    }
}
