//! Recovery codes: creating them, and setting up a new second factor with one.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::accounts::second_factors::{
    App, NUMBER, PASSWORD, has_remembered, is_verified, logs_in, logs_in_again, makes_codes,
    sets_up_app,
};
use crate::support::app::Site;

#[tokio::test]
async fn a_recovery_code_leads_on_to_the_page_that_was_wanted() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let codes = makes_codes(&amy).await;
        let (ballot, new) = (format!("{}/vote", site.poll().await), "+447700900124");
        let at = |page: &str| format!("{page}?next={ballot}");
        let way = async |code: &str| {
            let browser = amy.other_browser();
            browser.get(&ballot).await.goes_to(&at("/login"));
            browser
                .fill(
                    &at("/login"),
                    "Log in",
                    &[("username", "amy"), ("password", PASSWORD)],
                )
                .await
                .goes_to(&ballot);
            browser.get(&ballot).await.goes_to(&at("/verify"));
            browser
                .fill(&at("/verify/recovery"), "Continue", &[("code", code)])
                .await
                .goes_to(&at("/verify/recovery"));
            browser
        };
        let browser = way(&codes[0]).await;
        let ways = browser.get(&at("/verify/recovery")).await;
        for page in ["/account/number", "/account/authenticator"] {
            ways.says(200, &format!("href=\"{}\"", at(page)));
        }
        browser
            .fill(&at("/account/number"), "Send code", &[("phone", new)])
            .await
            .goes_to(&at("/account/number/code"));
        site.clock.advance(30);
        browser
            .fill(&at("/account/number/code"), "Send a new code", &[])
            .await
            .goes_to(&at("/account/number/code"));
        browser
            .get(&at("/account/number/code"))
            .await
            .says(200, &format!("href=\"{}\"", at("/account/number")));
        browser
            .fill(
                &at("/account/number/code"),
                "Confirm",
                &[("code", &site.code())],
            )
            .await
            .goes_to(&ballot);

        let (browser, page) = (way(&codes[1]).await, at("/account/authenticator"));
        browser
            .fill(&page, "Set up an app", &[])
            .await
            .goes_to(&page);
        let app = App::scan(&browser.get(&page).await.body);
        browser
            .fill(&page, "Confirm", &[("code", &app.shows(site.clock.now()))])
            .await
            .goes_to(&ballot);
    }
}

#[tokio::test]
async fn recovery_codes_are_shown_once_and_each_is_good_once_and_proves_no_number() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let old = makes_codes(&amy).await;
        let codes = makes_codes(&amy).await;
        assert_eq!(codes.len(), 10);
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 19 && !old.contains(code))
        );
        let page = amy.get("/account/recovery").await;
        page.says(200, "You have 10 left.");
        assert!(
            !codes.iter().any(|code| page.body.contains(code)),
            "they are shown once"
        );
        let elsewhere = logs_in(&amy, "amy").await;
        elsewhere
            .get("/verify")
            .await
            .says(200, "Use a recovery code");
        let page = "/verify/recovery";
        elsewhere
            .fill(page, "Continue", &[("code", "7K2M")])
            .await
            .says(422, "A recovery code has 16 letters and digits");
        elsewhere
            .fill(page, "Continue", &[("code", &old[0])])
            .await
            .says(422, "That code is not right");
        let before = elsewhere.cookie("session").unwrap();
        let typed = codes[3].to_lowercase().replace('-', " ");
        elsewhere
            .fill(page, "Continue", &[("code", &typed)])
            .await
            .goes_to(page);
        elsewhere
            .get(page)
            .await
            .says(200, "You have ten minutes to set up a new way to get codes");
        assert_ne!(elsewhere.cookie("session").unwrap(), before);
        assert!(!is_verified(&site, &elsewhere).await);
        assert_eq!(
            elsewhere
                .call("make_recovery_codes", json!({}))
                .await
                .status,
            403
        );
        let third = logs_in(&amy, "amy").await;
        third
            .fill(page, "Continue", &[("code", &codes[3])])
            .await
            .says(422, "already been used");
        amy.get("/account").await.says(200, "9 left");
        amy.get("/account")
            .await
            .says(200, "A recovery code was used.");
        // Another account's codes don't work here.
        let ben = site.verified("ben", "+447700900124").await;
        let others = makes_codes(&ben).await;
        third
            .fill(page, "Continue", &[("code", &others[0])])
            .await
            .says(422, "That code is not right");
    }
}

#[tokio::test]
async fn a_recovery_code_opens_the_way_to_a_new_app_for_ten_minutes() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let (codes, lost) = (makes_codes(&amy).await, sets_up_app(&site, &amy).await);
        let page = "/account/authenticator";
        let (early, late) = (logs_in(&amy, "amy").await, logs_in(&amy, "amy").await);
        early
            .fill("/verify/recovery", "Continue", &[("code", &codes[0])])
            .await
            .goes_to("/verify/recovery");
        let found = has_remembered(&site, &amy, &lost).await;
        site.clock.advance(540);
        early.fill(page, "Replace the app", &[]).await.goes_to(page);
        let app = App::scan(&early.get(page).await.body);
        early
            .fill(page, "Confirm", &[("code", &app.shows(site.clock.now()))])
            .await
            .goes_to("/account");
        assert!(
            is_verified(&site, &early).await,
            "the new app's code is a second step like any other"
        );
        // The finder of the phone loses access.
        for browser in [&amy, &found, &late] {
            browser
                .get("/account")
                .await
                .goes_to("/login?next=/account");
        }
        logs_in_again(&found, "amy").await;
        assert!(!is_verified(&site, &found).await);
        // After ten minutes the way is closed.
        let late = logs_in(&amy, "amy").await;
        late.fill("/verify/recovery", "Continue", &[("code", &codes[1])])
            .await
            .goes_to("/verify/recovery");
        site.clock.advance(601);
        late.get(page)
            .await
            .goes_to(&format!("/verify?next={page}"));
        assert_eq!(late.call("begin_app", json!({})).await.status, 403);
        let code = lost.shows(site.clock.now());
        late.fill("/verify/app", "Confirm", &[("code", &code)])
            .await
            .says(422, "That code is not right.");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_uses_of_one_recovery_code_one_counts() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let codes = makes_codes(&amy).await;
        let elsewhere = logs_in(&amy, "amy").await;
        let mut form = elsewhere.form("/verify/recovery", "Continue").await;
        form.push(("code".to_owned(), codes[0].clone()));
        let posts = (0..50).map(|_| {
            elsewhere.send(
                elsewhere
                    .request(Method::POST, "/verify/recovery")
                    .form(&form),
            )
        });
        let statuses: Vec<u16> = join_all(posts)
            .await
            .iter()
            .map(|answer| answer.status.as_u16())
            .collect();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM recovery_code").await,
            9,
            "{statuses:?}"
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'recovery code used'")
                .await,
            1,
            "{statuses:?}"
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE recovered_at > 0")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn after_ten_wrong_recovery_codes_in_a_day_the_right_one_waits() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let codes = makes_codes(&amy).await;
    let elsewhere = logs_in(&amy, "amy").await;
    let page = "/verify/recovery";
    for _ in 0..10 {
        elsewhere
            .fill(page, "Continue", &[("code", "0000-0000-0000-0000")])
            .await
            .says(422, "That code is not right");
    }
    elsewhere
        .fill(page, "Continue", &[("code", &codes[0])])
        .await
        .says(429, "Too many wrong codes.");
    site.clock.advance(23 * 3_600);
    elsewhere
        .fill(page, "Continue", &[("code", &codes[0])])
        .await
        .says(429, "Too many wrong codes.");
    site.clock.advance(3_600);
    elsewhere
        .fill(page, "Continue", &[("code", &codes[0])])
        .await
        .goes_to(page);
}
