//! Codes of an authenticator app: when each is accepted, and how often.

use futures::future::join_all;

use crate::accounts::second_factors::{App, NUMBER, is_verified, logs_in, sets_up_app};
use crate::support::app::Site;

#[tokio::test]
async fn a_code_of_an_app_is_good_one_step_early_and_late_and_never_again() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let app = sets_up_app(&site, &amy).await;
        site.clock.advance(300);
        let now = site.clock.now();
        for (steps, good) in [
            (-2, false),
            (2, false),
            (-1, true),
            (-1, false),
            (0, true),
            (1, true),
            (0, false),
            (1, false),
        ] {
            let elsewhere = logs_in(&amy, "amy").await;
            let answer = elsewhere
                .fill(
                    "/verify/app",
                    "Confirm",
                    &[("code", &app.shows(now + 30 * steps))],
                )
                .await;
            assert_eq!(answer.status == 303, good, "{steps} steps: {}", answer.body);
            assert_eq!(is_verified(&site, &elsewhere).await, good);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_posts_of_one_app_code_verify_one_session() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let app = sets_up_app(&site, &amy).await;
        site.clock.advance(60);
        let code = app.shows(site.clock.now());
        let mut people = Vec::new();
        for _ in 0..20 {
            let person = logs_in(&amy, "amy").await;
            let mut form = person.form("/verify/app", "Confirm").await;
            form.push(("code".to_owned(), code.clone()));
            people.push((person, form));
        }
        let answers = join_all(
            people
                .iter()
                .map(|(person, form)| person.post("/verify/app", form)),
        )
        .await;
        let statuses: Vec<u16> = answers
            .iter()
            .map(|answer| answer.status.as_u16())
            .collect();
        assert_eq!(
            statuses.iter().filter(|status| **status == 303).count(),
            1,
            "{statuses:?}"
        );
        let verified = "SELECT COUNT(*) FROM session JOIN account ON account.id = account_id AND account.number_mac = session.number_mac";
        assert_eq!(site.count(verified).await, 2, "hers, and one of the twenty");
        // Attempts counted while the posts were running were not wrong codes.
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'wrong app code, account'")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn after_ten_wrong_codes_of_an_app_in_a_day_text_messages_still_work() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let app = sets_up_app(&site, &amy).await;
    site.clock.advance(60);
    let wrong = app.wrong(site.clock.now());
    for _ in 0..10 {
        let elsewhere = logs_in(&amy, "amy").await;
        elsewhere
            .fill("/verify/app", "Confirm", &[("code", &wrong)])
            .await
            .says(422, "That code is not right.");
    }
    let elsewhere = logs_in(&amy, "amy").await;
    let right = app.shows(site.clock.now());
    elsewhere
        .fill("/verify/app", "Confirm", &[("code", &right)])
        .await
        .says(429, "Too many wrong codes.");
    elsewhere
        .fill("/verify", "Send code", &[])
        .await
        .goes_to("/verify/code");
    elsewhere
        .fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
    site.clock.advance(24 * 3_600);
    let elsewhere = logs_in(&amy, "amy").await;
    let right = app.shows(site.clock.now());
    elsewhere
        .fill("/verify/app", "Confirm", &[("code", &right)])
        .await
        .goes_to("/");
}

#[tokio::test]
async fn a_code_of_a_clock_that_is_minutes_off_is_wrong_and_says_so() {
    const HINT: &str = "phone's clock seems to be wrong";
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let page = "/account/authenticator";
        amy.fill(page, "Set up an app", &[]).await.goes_to(page);
        let app = App::scan(&amy.get(page).await.body);
        for off in [-600, -60, 60, 300, 600] {
            amy.fill(
                page,
                "Confirm",
                &[("code", &app.shows(site.clock.now() + off))],
            )
            .await
            .says(422, HINT);
        }
        let far = app.shows(site.clock.now() + 660);
        amy.fill(page, "Confirm", &[("code", &far)])
            .await
            .says(422, "That code is not right. Your app shows a new one");
        amy.fill(page, "Confirm", &[("code", &app.shows(site.clock.now()))])
            .await
            .goes_to("/account");

        site.clock.advance(1_200);
        let elsewhere = logs_in(&amy, "amy").await;
        let now = site.clock.now();
        let wrong = async || {
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'wrong app code, account'")
                .await
        };
        for (tries, off) in [-300, -90, 90].into_iter().enumerate() {
            elsewhere
                .fill("/verify/app", "Confirm", &[("code", &app.shows(now + off))])
                .await
                .says(422, HINT);
            assert_eq!(
                wrong().await,
                i64::try_from(tries).unwrap() + 1,
                "it is a wrong try"
            );
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'code wrong'")
                .await,
            3
        );
        // The hint about an early code doesn't help a guesser: it is not accepted later.
        site.clock.advance(90);
        elsewhere
            .fill("/verify/app", "Confirm", &[("code", &app.shows(now + 90))])
            .await
            .says(422, "You've already used that code.");
        elsewhere
            .fill("/verify/app", "Confirm", &[("code", &app.shows(now + 120))])
            .await
            .goes_to("/");
    }
}
