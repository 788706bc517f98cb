//! Passkeys: adding them, logging in with them, and what must not be accepted.

use data_encoding::BASE64;
use futures::future::join_all;
use pollstr::accounts::admin::commands::AccountAdmin;
use pollstr::platform::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::accounts::recovery_codes::makes_codes;
use crate::accounts::second_factors::{NUMBER, PASSWORD, is_verified, logs_in, logs_in_again};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::{Page, Person};
use crate::support::html;
use crate::support::passkey_device::Device;

const OTHER_NUMBER: &str = "+447700900124";
const PAGE: &str = "/account/passkeys";
const ADD: &str = "Add a passkey";
const USE: &str = "Use your passkey";
/// An origin at which browsers allow passkeys.
const HERE: [(&str, &str); 1] = [("POLLSTR_ORIGIN", "http://localhost")];

/// Returns the options on the page.
async fn question(person: &Person, path: &str) -> Value {
    let page = person.get(path).await;
    page.says(200, "data-question=");
    let text = html::attribute(&page.body, "[data-question]", "data-question");
    serde_json::from_str(&text.unwrap()).unwrap()
}

/// Fills in a page's form as its script does.
async fn filled(
    person: &Person,
    path: &str,
    button: &str,
    fields: &[(&'static str, String)],
) -> Vec<(String, String)> {
    let mut form = person.form(path, button).await;
    form.retain(|(name, _)| fields.iter().all(|(filled, _)| filled != name));
    form.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone())),
    );
    form
}

async fn sends(
    person: &Person,
    path: &str,
    button: &str,
    fields: &[(&'static str, String)],
) -> Page {
    person
        .post(path, &filled(person, path, button, fields).await)
        .await
}

async fn adds(person: &Person, device: &Device) -> Page {
    let made = device.makes(&question(person, PAGE).await);
    sends(person, PAGE, ADD, &made).await
}

async fn confirms(person: &Person, device: &Device) -> Page {
    let answer = device.answers(&question(person, "/verify").await);
    sends(person, "/verify", USE, &answer).await
}

/// Returns Amy with a verified number and a passkey.
async fn with_passkey(site: &Site) -> (Person, Device) {
    let (amy, device) = (site.verified("amy", NUMBER).await, Device::new());
    adds(&amy, &device).await.goes_to("/account");
    (amy, device)
}

const ROWS: &str = "SELECT COUNT(*) FROM passkey";

#[tokio::test]
async fn a_passkey_is_added_and_confirms_a_log_in_without_a_message() {
    for site in Site::on_each_database_with(&HERE).await {
        let amy = site.verified("amy", NUMBER).await;
        amy.get("/account").await.says(
            200,
            "None. Use your fingerprint, face or screen lock instead of a code.",
        );
        let asked = question(&amy, PAGE).await;
        assert_eq!(
            (&asked["rp"]["id"], &asked["user"]["name"]),
            (&json!("localhost"), &json!("amy"))
        );
        assert_eq!(
            (&asked["excludeCredentials"], &asked["attestation"]),
            (&json!([]), &json!("none"))
        );
        let (device, before) = (Device::new(), amy.cookie("session").unwrap());
        let made = [
            device.makes(&asked),
            vec![("name", " My \n key ".to_owned())],
        ]
        .concat();
        sends(&amy, PAGE, ADD, &made).await.goes_to("/account");
        assert_ne!(amy.cookie("session").unwrap(), before);
        let account = amy.get("/account").await;
        for words in [
            "Passkey added.",
            "One is set up.",
            "A passkey was added to this account. If that was not you",
        ] {
            account.says(200, words);
        }
        account.says(200, "You added a passkey: My key");
        amy.get(PAGE).await.says(200, "not used yet");
        assert_eq!(
            question(&amy, PAGE).await["excludeCredentials"][0]["id"]["bytes"],
            BASE64.encode(&device.id)
        );

        let messages = site.phones().messages().len();
        let elsewhere = logs_in(&amy, "amy").await;
        let offered = elsewhere.get("/verify").await;
        let (passkey, text) = (
            offered.body.find(USE).unwrap(),
            offered.body.find("Or get a text message").unwrap(),
        );
        assert!(passkey < text);
        let asked = question(&elsewhere, "/verify").await;
        assert_eq!(
            (&asked["rpId"], &asked["allowCredentials"][0]["id"]["bytes"]),
            (&json!("localhost"), &json!(BASE64.encode(&device.id)))
        );
        let before = elsewhere.cookie("session").unwrap();
        sends(
            &elsewhere,
            "/verify?next=/account",
            USE,
            &device.answers(&asked),
        )
        .await
        .goes_to("/account");
        assert!(is_verified(&site, &elsewhere).await);
        assert_ne!(elsewhere.cookie("session").unwrap(), before);
        assert_eq!(site.phones().messages().len(), messages);
        elsewhere
            .get("/account")
            .await
            .says(200, "You used a passkey: My key");
        elsewhere.get(PAGE).await.says(200, "last used");
        assert_eq!(site.count("SELECT used_at % 300 FROM passkey").await, 0);
        let data: Value =
            serde_json::from_str(&elsewhere.get("/account/data.json").await.body).unwrap();
        assert_eq!(data["passkeys"][0]["name"], "My key");
    }
}

#[tokio::test]
async fn a_passkey_whose_browser_hands_out_the_attestation_alone_confirms_a_log_in() {
    let site = Site::with(&HERE).await;
    let (amy, device) = (site.verified("amy", NUMBER).await, Device::new());
    let mut other = device.makes_attested(&question(&amy, PAGE).await);
    other[0].1 = BASE64.encode(b"another id");
    sends(&amy, PAGE, ADD, &other)
        .await
        .says(422, "That passkey didn't work.");
    for nothing in ["", "oA==", "/////w=="] {
        let mut made = device.makes_attested(&question(&amy, PAGE).await);
        made[4].1 = nothing.to_owned();
        sends(&amy, PAGE, ADD, &made)
            .await
            .says(422, "That passkey didn't work.");
    }
    let made = device.makes_attested(&question(&amy, PAGE).await);
    sends(&amy, PAGE, ADD, &made).await.goes_to("/account");
    let elsewhere = logs_in(&amy, "amy").await;
    confirms(&elsewhere, &device).await.goes_to("/");
    assert!(is_verified(&site, &elsewhere).await);
}

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

/// Posts one form several times concurrently in the current session.
async fn posts_at_once(
    person: &Person,
    path: &str,
    form: &[(String, String)],
    times: usize,
) -> Vec<u16> {
    let posts = (0..times)
        .map(|_| person.send(person.request(Method::POST, path).form(&form)))
        .collect::<Vec<_>>();
    join_all(posts)
        .await
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect()
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

#[tokio::test(flavor = "multi_thread")]
async fn one_new_passkey_is_added_once_and_an_account_has_ten_at_most() {
    for site in Site::on_each_database_with(&HERE).await {
        let (amy, device) = with_passkey(&site).await;
        let made = device.makes(&question(&amy, PAGE).await);
        sends(&amy, PAGE, ADD, &made)
            .await
            .says(422, "You've already added that passkey.");
        let ben = site.verified("ben", OTHER_NUMBER).await;
        adds(&ben, &device)
            .await
            .says(422, "You've already added that passkey.");
        let other = Device::new().makes(&question(&amy, PAGE).await);
        let form = filled(&amy, PAGE, ADD, &other).await;
        let statuses = posts_at_once(&amy, PAGE, &form, 20).await;
        assert_eq!(site.count(ROWS).await, 2, "{statuses:?}");
        // The limit is eight; twelve browsers add one each concurrently.
        let mut posts = Vec::new();
        for _ in 0..12 {
            let browser = logs_in(&ben, "amy").await;
            confirms(&browser, &device).await.goes_to("/");
            let made = Device::new().makes(&question(&browser, PAGE).await);
            let form = filled(&browser, PAGE, ADD, &made).await;
            posts.push((browser, form));
        }
        let answers = join_all(posts.iter().map(|(browser, form)| browser.post(PAGE, form))).await;
        let added = answers.iter().filter(|answer| answer.status == 303).count();
        assert_eq!((added, site.count(ROWS).await), (8, 10));
        answers
            .iter()
            .find(|answer| answer.status != 303)
            .unwrap()
            .says(422, "You've reached the limit.");
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
        .goes_to("/");
    site.clock.advance(24 * 3_600);
    let elsewhere = logs_in(&amy, "amy").await;
    confirms(&elsewhere, &device).await.goes_to("/");
}

#[tokio::test]
async fn with_the_password_alone_nobody_adds_or_removes_a_passkey() {
    for site in Site::on_each_database_with(&HERE).await {
        let (amy, device) = with_passkey(&site).await;
        let codes = makes_codes(&amy).await;
        let listed: Value = serde_json::from_str(&amy.get("/api/passkeys").await.body).unwrap();
        let handle = listed["passkeys"][0]["handle"].as_str().unwrap();
        let thief = logs_in(&amy, "amy").await;
        thief
            .get(PAGE)
            .await
            .goes_to(&format!("/verify?next={PAGE}"));
        for function in ["add_passkey", "remove_passkey"] {
            assert_eq!(
                thief
                    .call(function, json!({ "passkey": handle }))
                    .await
                    .status,
                403,
                "{function}"
            );
        }
        assert_eq!(thief.get("/api/passkeys").await.status, 403);
        let ben = site.verified("ben", OTHER_NUMBER).await;
        assert_eq!(
            ben.call("remove_passkey", json!({ "passkey": handle }))
                .await
                .status,
            200
        );
        assert_eq!(site.count(ROWS).await, 1, "one removes one's own");
        // An unattended browser isn't enough either.
        site.clock.advance(601);
        amy.get(PAGE)
            .await
            .goes_to(&format!("/account/confirm?next={PAGE}"));
        assert_eq!(
            amy.call("remove_passkey", json!({ "passkey": handle }))
                .await
                .status,
            403
        );
        // A recovery code allows adding one, but not removing any.
        thief
            .fill("/verify/recovery", "Continue", &[("code", &codes[0])])
            .await
            .goes_to("/verify/recovery");
        assert_eq!(
            thief
                .call("remove_passkey", json!({ "passkey": handle }))
                .await
                .status,
            403
        );
        let new = Device::new();
        adds(&thief, &new).await.goes_to("/account");
        assert!(
            is_verified(&site, &thief).await,
            "a new passkey is a second step like any other"
        );
        for device in [device, new] {
            confirms(&logs_in(&amy, "amy").await, &device)
                .await
                .goes_to("/");
        }
    }
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
            .goes_to("/");
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

#[tokio::test]
async fn where_browsers_make_no_passkeys_none_are_offered() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    assert!(!amy.get("/account").await.body.contains(PAGE));
    amy.get(PAGE)
        .await
        .says(403, "Passkeys don't work at this site's address.");
    assert_eq!(amy.call("add_passkey", json!({})).await.status, 403);
    let elsewhere = logs_in(&amy, "amy").await;
    assert_eq!(elsewhere.get("/api/passkey_question").await.body, "null");
    assert_eq!(elsewhere.call("check_passkey", json!({})).await.status, 403);
}
