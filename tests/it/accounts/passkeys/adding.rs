//! Adding and removing passkeys.

use data_encoding::BASE64;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::accounts::passkeys::{
    ADD, HERE, OTHER_NUMBER, PAGE, ROWS, USE, adds, confirms, filled, posts_at_once, question,
    sends, with_passkey,
};
use crate::accounts::second_factors::{NUMBER, is_verified, logs_in, makes_codes};
use crate::support::app::Site;
use crate::support::passkey_device::Device;

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
async fn the_password_alone_does_not_allow_adding_or_removing_a_passkey() {
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
async fn passkeys_are_not_offered_at_an_address_where_they_do_not_work() {
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
