//! Confirming a log-in with a passkey, and what is not accepted.

use pollstr::accounts::admin::commands::AccountAdmin;
use pollstr::platform::clock::Clock;
use serde_json::json;

use crate::accounts::passkeys::{
    ADD, HERE, OTHER_NUMBER, PAGE, ROWS, USE, adds, confirms, filled, posts_at_once, question,
    sends, with_passkey,
};
use crate::accounts::second_factors::{NUMBER, PASSWORD, is_verified, logs_in, logs_in_again};
use crate::support::app::{START_TIME, Site};
use crate::support::passkey_device::Device;

#[tokio::test]
async fn what_a_passkey_has_answered_is_good_once_and_in_its_session_alone() {
    for site in Site::on_each_database_with(&HERE).await {
        let amy = site.verified("amy", NUMBER).await;
        let device = Device::new();
        let asked = question(&amy, PAGE).await;
        let (made, other) = (device.makes(&asked), Device::new().makes(&asked));
        sends(&amy, PAGE, ADD, &made).await.goes_to("/account");
        for made in [made, other] {
            sends(&amy, PAGE, ADD, &made)
                .await
                .says(422, "That took too long, or you continued in another tab.");
        }
        assert_eq!(site.count(ROWS).await, 1);
        let (first, second) = (logs_in(&amy, "amy").await, logs_in(&amy, "amy").await);
        let answer = device.answers(&question(&first, "/verify").await);
        sends(&second, "/verify", USE, &answer)
            .await
            .says(422, "That took too long, or you continued in another tab.");
        assert!(!is_verified(&site, &second).await);
        sends(&first, "/verify", USE, &answer).await.goes_to("/");
        logs_in_again(&first, "amy").await;
        for person in [&first, &second] {
            sends(person, "/verify", USE, &answer)
                .await
                .says(422, "That took too long, or you continued in another tab.");
            assert!(!is_verified(&site, person).await);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_posts_of_one_answer_verify_one_session() {
    const VERIFIED: &str = "SELECT COUNT(*) FROM session JOIN account ON account.id = account_id AND account.number_mac = session.number_mac";
    for site in Site::on_each_database_with(&HERE).await {
        // Some passkeys have a signature counter, some don't.
        for (name, number, counter) in [("amy", NUMBER, 0), ("ben", OTHER_NUMBER, 7)] {
            let person = site.verified(name, number).await;
            let mut device = Device {
                counter,
                ..Device::new()
            };
            adds(&person, &device).await.goes_to("/account");
            device.counter += counter;
            let (one, other) = (logs_in(&person, name).await, logs_in(&person, name).await);
            let before = site.count(VERIFIED).await;
            let answer = device.answers(&question(&one, "/verify").await);
            let (form, others) = (
                filled(&one, "/verify", USE, &answer).await,
                filled(&other, "/verify", USE, &answer).await,
            );
            let statuses = tokio::join!(
                posts_at_once(&one, "/verify", &form, 20),
                posts_at_once(&other, "/verify", &others, 20)
            );
            assert!(!statuses.1.contains(&303), "{statuses:?}");
            assert!(site.count(VERIFIED).await <= before + 1, "{statuses:?}");
            assert!(!is_verified(&site, &other).await);
            assert_eq!(
                site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'passkey used'")
                    .await,
                site.count(VERIFIED).await - 1 - before / 2
            );
        }
    }
}

#[tokio::test]
async fn only_a_passkey_that_the_account_has_now_and_that_was_not_copied_is_taken() {
    for site in Site::on_each_database_with(&HERE).await {
        let (amy, device) = with_passkey(&site).await;
        let ben = site.verified("ben", OTHER_NUMBER).await;
        let counting = Device {
            counter: 5,
            ..Device::new()
        };
        adds(&ben, &counting).await.goes_to("/account");
        let elsewhere = logs_in(&amy, "amy").await;
        confirms(&elsewhere, &counting)
            .await
            .says(422, "That passkey doesn't belong to this account.");
        let pretending = Device {
            id: device.id.clone(),
            ..counting.clone()
        };
        confirms(&elsewhere, &pretending)
            .await
            .says(422, "That passkey didn't work.");
        sends(&elsewhere, "/verify", USE, &[])
            .await
            .says(422, "That passkey doesn't belong to this account.");
        assert!(!is_verified(&site, &elsewhere).await);
        amy.get("/account").await.says(
            200,
            "Someone with your password used a passkey that didn't work",
        );
        // A counter must increase.
        let copy = Device {
            counter: 6,
            ..counting.clone()
        };
        let bens = logs_in(&ben, "ben").await;
        for old in [
            &counting,
            &Device {
                counter: 0,
                ..counting.clone()
            },
        ] {
            confirms(&bens, old).await.says(
                422,
                "That passkey may have been copied, so we didn't accept it.",
            );
        }
        confirms(&bens, &copy).await.goes_to("/");
        let bens = logs_in(&ben, "ben").await;
        confirms(&bens, &copy).await.says(
            422,
            "That passkey may have been copied, so we didn't accept it.",
        );
        // A passkey that was removed between the challenge and the response.
        let answer = device.answers(&question(&elsewhere, "/verify").await);
        let form = filled(&elsewhere, "/verify", USE, &answer).await;
        amy.fill(
            PAGE,
            "Remove<span class=\"visually-hidden\">: An unknown browser</span>",
            &[],
        )
        .await
        .goes_to(PAGE);
        amy.get(PAGE).await.says(200, "Passkey removed.");
        amy.get("/account")
            .await
            .says(200, "A passkey was removed from this account.");
        assert_eq!(
            elsewhere
                .call(
                    "check_passkey",
                    json!(
                        form.into_iter()
                            .collect::<std::collections::BTreeMap<_, _>>()
                    )
                )
                .await
                .status,
            422
        );
        assert!(!elsewhere.get("/verify").await.body.contains(USE));
        assert!(!is_verified(&site, &elsewhere).await);
        assert_eq!(site.count(ROWS).await, 1, "ben's");
    }
}

#[tokio::test]
async fn after_ten_wrong_answers_in_a_day_text_messages_still_work() {
    let site = Site::provided(Clock::manual(START_TIME), &HERE).await;
    let (amy, device) = with_passkey(&site).await;
    site.clock.advance(60);
    let stranger = Device::new();
    let elsewhere = logs_in(&amy, "amy").await;
    for _ in 0..10 {
        confirms(&elsewhere, &stranger)
            .await
            .says(422, "That passkey doesn't belong to this account.");
    }
    confirms(&elsewhere, &device)
        .await
        .says(429, "Too many failed attempts.");
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
    confirms(&elsewhere, &device).await.goes_to("/");
}

#[tokio::test]
async fn a_browser_is_remembered_after_a_passkey_where_the_box_was_ticked() {
    for site in Site::on_each_database_with(&HERE).await {
        let (amy, device) = with_passkey(&site).await;
        for remember in [false, true] {
            let browser = logs_in(&amy, "amy").await;
            let mut answer = device.answers(&question(&browser, "/verify").await);
            answer.extend(remember.then(|| ("remember", "yes".to_owned())));
            sends(&browser, "/verify", USE, &answer).await.goes_to("/");
            logs_in_again(&browser, "amy").await;
            assert_eq!(is_verified(&site, &browser).await, remember);
        }
    }
}

#[tokio::test]
async fn without_a_number_a_passkey_is_no_second_step_and_it_goes_with_its_account() {
    for site in Site::on_each_database_with(&HERE).await {
        let (amy, device) = with_passkey(&site).await;
        let elsewhere = logs_in(&amy, "amy").await;
        let answer = device.answers(&question(&elsewhere, "/verify").await);
        let form = filled(&elsewhere, "/verify", USE, &answer).await;
        // Another account verifies the number.
        site.clock.advance(3_700);
        site.verified("ben", NUMBER).await;
        assert!(!elsewhere.get("/verify").await.body.contains(USE));
        let form = json!(
            form.into_iter()
                .collect::<std::collections::BTreeMap<_, _>>()
        );
        assert_eq!(elsewhere.call("check_passkey", form).await.status, 403);
        assert!(!is_verified(&site, &elsewhere).await);
        elsewhere
            .fill("/verify", "Send code", &[("phone", OTHER_NUMBER)])
            .await
            .goes_to("/verify/code");
        elsewhere
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        // With a new number the passkey counts again; the operator removes that number.
        confirms(&logs_in(&amy, "amy").await, &device)
            .await
            .goes_to("/");
        AccountAdmin {
            db: site.state.db.clone(),
            now: site.clock.now(),
        }
        .reset_phone("amy")
        .await
        .unwrap();
        let browser = logs_in(&amy, "amy").await;
        assert!(!browser.get("/verify").await.body.contains(USE));
        browser
            .fill(
                "/account/delete",
                "Delete my account",
                &[("password", PASSWORD)],
            )
            .await
            .goes_to("/");
        assert_eq!(site.count(ROWS).await, 0);
    }
}
