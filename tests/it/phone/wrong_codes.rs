//! Messages about wrong and expired codes, and doing what they say.

use crate::support::app::Site;
use crate::support::browser::{Page, Person};

const NUMBER: &str = "+447700900123";
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

async fn types_a_wrong_one(site: &Site, person: &Person) -> Page {
    let code = if site.code() == "000000" {
        "000001"
    } else {
        "000000"
    };
    person
        .fill("/verify/code", "Confirm", &[("code", code)])
        .await
}

/// Returns the seconds of a wait in a sentence such as "a new one in 20 minutes".
fn told(page: &Page, before: &str) -> i64 {
    let rest = page
        .body
        .split_once(before)
        .unwrap_or_else(|| panic!("{before}: {}", page.body))
        .1;
    let mut words = rest.split([' ', '.', '<']);
    let (count, unit) = (words.next().unwrap(), words.next().unwrap());
    if count == "a" {
        return 1;
    }
    let unit = match unit.trim_end_matches('s') {
        "second" => 1,
        "minute" => MINUTE,
        _ => 60 * MINUTE,
    };
    count.parse::<i64>().unwrap() * unit
}

#[tokio::test]
async fn when_a_code_is_dead_a_new_one_can_be_had_as_soon_as_the_page_says() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        amy.fill("/verify", "Send code", &[("phone", NUMBER)])
            .await
            .goes_to("/verify/code");
        // Three wrong codes each time until the daily limit; the fourth code is sent a day later.
        for code in 0..4 {
            for left in [2, 1] {
                let words = if left == 1 {
                    "You have 1 try left."
                } else {
                    "You have 2 tries left."
                };
                types_a_wrong_one(&site, &amy).await.says(422, words);
            }
            let page = types_a_wrong_one(&site, &amy).await;
            page.says(
                422,
                "That code no longer works. You can ask for a new one in ",
            );
            let wait = told(&page, "You can ask for a new one in ");
            assert_eq!(wait > 20 * 60 * MINUTE, code == 2, "{wait}");
            // The page agrees, and asking a moment earlier is too early.
            assert_eq!(
                told(
                    &amy.get("/verify/code").await,
                    "That code no longer works. You can ask for a new one in "
                ),
                wait
            );
            assert_eq!(
                amy.fill("/verify/code", "Send a new code", &[])
                    .await
                    .status,
                429
            );
            site.clock.advance(wait);
            if wait > DAY / 2 {
                // The session may have ended by then, and the code is deleted.
                amy.set_cookie("session", "");
                amy.fill(
                    "/login",
                    "Log in",
                    &[("username", "amy"), ("password", "four words and more")],
                )
                .await
                .goes_to("/verify");
                amy.fill("/verify", "Send code", &[("phone", NUMBER)])
                    .await
                    .goes_to("/verify/code");
            } else {
                amy.get("/verify/code")
                    .await
                    .says(200, "That code no longer works. Get a new one.");
                amy.fill("/verify/code", "Send a new code", &[])
                    .await
                    .goes_to("/verify/code");
            }
        }
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test]
async fn no_code_is_sent_that_could_not_be_typed_three_times() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        // Eight wrong codes over several codes and logins.
        for tries in [3, 3, 2] {
            amy.fill("/verify", "Send code", &[("phone", NUMBER)])
                .await
                .goes_to("/verify/code");
            amy.get("/verify/code")
                .await
                .says(200, "You have 3 tries left.");
            for _ in 0..tries {
                assert_eq!(types_a_wrong_one(&site, &amy).await.status, 422);
            }
            site.clock.advance(25 * MINUTE);
            amy.fill("/", "Log out", &[]).await.goes_to("/");
            amy.fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words and more")],
            )
            .await
            .goes_to("/verify");
        }
        let sent = site.phones().starts();
        let page = amy.fill("/verify", "Send code", &[("phone", NUMBER)]).await;
        page.says(429, "Too many wrong codes. Please try again in 23 hours.");
        assert_eq!(page.header("retry-after"), (DAY - 75 * MINUTE).to_string());
        assert_eq!(site.phones().starts(), sent);
        site.clock.advance(DAY - 75 * MINUTE);
        amy.fill("/verify", "Send code", &[("phone", NUMBER)])
            .await
            .goes_to("/verify/code");
        amy.get("/verify/code")
            .await
            .says(200, "You have 3 tries left.");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'code wrong'")
                .await,
            8,
            "its owner can see them"
        );
    }
}

#[tokio::test]
async fn when_another_code_can_be_had_is_told_exactly() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", NUMBER)])
        .await
        .goes_to("/verify/code");
    for sends in 1..=5 {
        // "Send a new code" immediately is too soon; after the stated wait it isn't.
        let page = amy.fill("/verify/code", "Send a new code", &[]).await;
        page.says(429, "You can ask for another in ");
        let wait: i64 = page.header("retry-after").parse().unwrap();
        assert_eq!(wait > MINUTE, sends == 3, "{sends}: {wait}");
        site.clock.advance(wait - 1);
        assert_eq!(
            amy.fill("/verify/code", "Send a new code", &[])
                .await
                .status,
            429,
            "{sends}"
        );
        site.clock.advance(1);
        amy.fill("/verify/code", "Send a new code", &[])
            .await
            .goes_to("/verify/code");
    }
}

#[tokio::test]
async fn what_is_not_a_code_and_a_code_that_is_not_there_lead_on() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let page = amy
        .call("check_code", serde_json::json!({ "code": "123456" }))
        .await;
    page.says(403, "You don't have a code yet. Send one first.");
    amy.fill("/verify", "Send code", &[("phone", NUMBER)])
        .await
        .goes_to("/verify/code");
    amy.fill("/verify/code", "Confirm", &[("code", "12345")])
        .await
        .says(422, "Enter the 6-digit code.");
    amy.get("/verify/code")
        .await
        .says(200, "You have 3 tries left.");
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
}
