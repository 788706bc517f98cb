//! The system clock was a day ahead and was corrected: times in the future count as now, so no wait
//! or lifetime is a day longer.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::accounts::second_factors::{has_remembered, is_verified, logs_in, sets_up_app};
use crate::support::app::Site;
use crate::support::browser::{Page, Person};

const NUMBER: &str = "+447700900123";
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

async fn asks(person: &Person, phone: &str) -> Page {
    person
        .fill("/verify", "Send code", &[("phone", phone)])
        .await
}

/// Sets the clock back. The provider's own clock was right all along; the simulator follows
/// explicitly.
fn sets_right(site: &Site, ahead: i64) {
    site.clock.advance(-ahead);
    let _messages = site.phones().messages();
}

fn wait(page: &Page) -> i64 {
    assert_eq!(page.status, 429, "{}", page.body);
    page.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn another_code_can_be_had_after_the_usual_half_minute() {
    for site in Site::on_each_database().await {
        site.clock.advance(DAY);
        let amy = site.registered("amy").await;
        asks(&amy, NUMBER).await.goes_to("/verify/code");
        sets_right(&site, DAY);
        // The page and a new request both count from now.
        let page = amy.get("/verify/code").await;
        page.says(200, "data-countdown=\"30\"");
        page.says(200, "data-countdown=\"300\"");
        assert_eq!(
            wait(&amy.fill("/verify/code", "Send a new code", &[]).await),
            30
        );
        site.clock.advance(29);
        assert_eq!(
            wait(&amy.fill("/verify/code", "Send a new code", &[]).await),
            1
        );
        site.clock.advance(1);
        amy.fill("/verify/code", "Send a new code", &[])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test]
async fn messages_of_the_future_count_as_messages_of_now() {
    for site in Site::on_each_database().await {
        site.clock.advance(DAY);
        let amy = site.registered("amy").await;
        for _ in 0..3 {
            asks(&amy, NUMBER).await.goes_to("/verify/code");
            site.clock.advance(31);
        }
        sets_right(&site, DAY);
        let ben = site.registered("ben").await;
        assert!(
            wait(&asks(&ben, NUMBER).await) <= HOUR,
            "a reservation of a day"
        );
        site.clock.advance(31);
        assert!(wait(&asks(&amy, NUMBER).await) <= HOUR, "three in an hour");
        site.clock.advance(HOUR);
        asks(&amy, NUMBER).await.goes_to("/verify/code");
        site.clock.advance(HOUR);
        asks(&ben, NUMBER).await.goes_to("/verify/code");
        assert_eq!(
            site.count(&format!(
                "SELECT COUNT(*) FROM send WHERE at > {}",
                site.clock.now()
            ))
            .await,
            0
        );
    }
}

#[tokio::test]
async fn wrong_passwords_and_codes_of_the_future_count_as_those_of_now() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let app = sets_up_app(&site, &amy).await;
        site.clock.advance(DAY);
        let ben = site.visitor();
        let wrong = || {
            ben.fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "not the one")],
            )
        };
        for _ in 0..10 {
            assert_eq!(wrong().await.status, 422);
        }
        let elsewhere = logs_in(&amy, "amy").await;
        elsewhere
            .fill(
                "/verify/app",
                "Confirm",
                &[("code", &app.shows(site.clock.now()))],
            )
            .await
            .goes_to("/");
        sets_right(&site, DAY);
        assert!(wait(&wrong().await) <= 15 * MINUTE);
        // A TOTP code accepted in the future doesn't block today's codes.
        site.clock.advance(MINUTE);
        let third = logs_in(&amy, "amy").await;
        third
            .fill(
                "/verify/app",
                "Confirm",
                &[("code", &app.shows(site.clock.now()))],
            )
            .await
            .goes_to("/");
        let again = logs_in(&amy, "amy").await;
        again
            .fill(
                "/verify/app",
                "Confirm",
                &[("code", &app.shows(site.clock.now()))],
            )
            .await
            .says(422, "already used");
        site.clock.advance(15 * MINUTE);
        assert_eq!(wrong().await.status, 422);
    }
}

#[tokio::test]
async fn sessions_and_remembered_browsers_of_the_future_last_no_longer_than_those_of_now() {
    for site in Site::on_each_database().await {
        site.clock.advance(2 * DAY);
        let amy = site.verified("amy", NUMBER).await;
        let app = sets_up_app(&site, &amy).await;
        let remembered = has_remembered(&site, &amy, &app).await;
        sets_right(&site, 2 * DAY);
        // The password counts as typed just now, for ten minutes.
        amy.get("/account/number")
            .await
            .says(200, "Change your number");
        let logs_in = || {
            remembered.fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words and more")],
            )
        };
        remembered.set_cookie("session", "");
        logs_in().await;
        assert!(
            is_verified(&site, &remembered).await,
            "the browser is known"
        );
        site.clock.advance(11 * MINUTE);
        amy.get("/account/number")
            .await
            .goes_to("/account/confirm?next=/account/number");
        // A session ends a day after the last request,
        site.clock.advance(DAY + 5 * MINUTE);
        amy.get("/account").await.goes_to("/login?next=/account");
        // and a trusted browser after thirty.
        site.clock.advance(29 * DAY);
        remembered.set_cookie("session", "");
        logs_in().await;
        assert!(!is_verified(&site, &remembered).await);
    }
}

#[tokio::test]
async fn a_start_sets_right_what_another_process_has_dated_ahead() {
    for site in Site::on_each_database().await {
        let ahead = site.second_instance().await;
        ahead.clock.advance(DAY);
        let amy = ahead.registered("amy").await;
        asks(&amy, NUMBER).await.goes_to("/verify/code");
        let late = ahead.clock.now();
        let sql = format!(
            "INSERT INTO circuit_breaker (area, country, since, probe_at, judged_from, typed, lost) VALUES ('FR', 'FR', {late}, {late}, {late}, 0, 50)"
        );
        site.state
            .db
            .write()
            .execute_unprepared(&sql)
            .await
            .unwrap();
        let restarted = site.second_instance().await;
        let tables = [
            ("send", "at"),
            ("verification", "sent_at"),
            ("circuit_breaker", "since"),
            ("circuit_breaker", "probe_at"),
            ("circuit_breaker", "judged_from"),
            ("session", "seen_at"),
            ("session", "created_at"),
        ];
        for (table, column) in tables {
            let late = format!(
                "SELECT COUNT(*) FROM {table} WHERE {column} > {}",
                restarted.clock.now()
            );
            assert_eq!(site.count(&late).await, 0, "{table}");
        }
        let at_home = amy.at(&restarted.origin);
        restarted.clock.advance(30);
        let again = at_home.call("resend_code", json!({})).await;
        again.says(200, "/verify/code");
    }
}
