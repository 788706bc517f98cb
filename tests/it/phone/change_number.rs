//! Changing an account's number, and a number that two accounts verify.

use futures::future::join_all;
use pollstr::platform::db::execute;
use serde_json::json;

use crate::accounts::second_factors::{
    NUMBER, has_remembered, is_verified, logs_in, logs_in_again, makes_codes, sets_up_app,
};
use crate::support::app::Site;
use crate::support::browser::Person;

const OTHER_NUMBER: &str = "+447700900777";

/// Requests a code to another number.
async fn asks_for_change(person: &Person) {
    person
        .fill("/account/number", "Send code", &[("phone", OTHER_NUMBER)])
        .await
        .goes_to("/account/number/code");
}

#[tokio::test]
async fn another_number_takes_the_place_of_the_old_and_votes_stay_with_their_numbers() {
    for site in Site::on_each_database().await {
        let poll = site.poll().await;
        let amy = site.verified("amy", NUMBER).await;
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let app = sets_up_app(&site, &amy).await;
        let remembered = has_remembered(&site, &amy, &app).await;
        amy.fill("/account/number", "Send code", &[("phone", "07700")])
            .await
            .says(422, "id=\"phone-error\"");
        amy.fill("/account/number", "Send code", &[("phone", NUMBER)])
            .await
            .says(422, "You already use that number.");
        asks_for_change(&amy).await;
        assert_eq!(site.phones().messages()[0].to, OTHER_NUMBER);
        let page = "/account/number/code";
        amy.get(page).await.says(200, "Enter the code");
        let wrong = if site.code() == "000000" {
            "000001"
        } else {
            "000000"
        };
        amy.fill(page, "Confirm", &[("code", wrong)])
            .await
            .says(422, "That code is not right. You have 2 tries left.");
        site.clock.advance(30);
        amy.fill(page, "Send a new code", &[]).await.goes_to(page);
        assert_eq!(site.phones().messages()[0].to, OTHER_NUMBER);
        amy.get("/account").await.says(200, "+44 ···· ··23");
        let before = amy.cookie("session").unwrap();
        amy.fill(page, "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account");
        let account = amy.get("/account").await;
        account.says(200, "Number changed. All other browsers are logged out.");
        account.says(200, "+44 ···· ··77");
        account.says(200, "You changed your number");
        account.says(200, "Your number was changed. If that was not you");
        assert_ne!(amy.cookie("session").unwrap(), before);
        remembered
            .get("/account")
            .await
            .goes_to("/login?next=/account");
        logs_in_again(&remembered, "amy").await;
        assert!(
            !is_verified(&site, &remembered).await,
            "remembered browsers are forgotten"
        );
        // The account can vote again with its new number; the old number can't, from any account.
        amy.fill(&format!("{poll}/vote"), "Vote", &[("choice", "2")])
            .await
            .goes_to(&format!("{poll}/results"));
        site.clock.advance(3_700);
        let ben = site.verified("ben", NUMBER).await;
        let vote = json!({ "poll": poll.trim_start_matches("/polls/"), "choice": "2" });
        ben.call("cast_vote", vote).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 2);
        assert!(
            is_verified(&site, &amy).await,
            "who gave a number up keeps the other"
        );
    }
}

#[tokio::test]
async fn with_the_password_alone_no_code_goes_to_another_number() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let thief = logs_in(&amy, "amy").await;
        let messages = site.phones().messages().len();
        thief
            .get("/account/number")
            .await
            .goes_to("/verify?next=/account/number");
        thief
            .get("/account/number/code")
            .await
            .goes_to("/verify?next=/account/number/code");
        assert_eq!(
            thief
                .call("change_number", json!({ "phone": OTHER_NUMBER }))
                .await
                .status,
            403
        );
        assert_eq!(
            thief
                .call("resend_code", json!({ "purpose": "number" }))
                .await
                .status,
            403
        );
        assert_eq!(site.phones().messages().len(), messages);
        // A code for one purpose doesn't work for the other.
        site.clock.advance(31);
        asks_for_change(&amy).await;
        for purpose in ["number", "session", ""] {
            assert_eq!(
                thief
                    .call(
                        "check_code",
                        json!({ "code": site.code(), "purpose": purpose })
                    )
                    .await
                    .status,
                403,
                "{purpose}"
            );
        }
        assert_eq!(
            amy.call("check_code", json!({ "code": site.code() }))
                .await
                .status,
            403
        );
        site.clock.advance(31);
        thief
            .fill("/verify", "Send code", &[("phone", OTHER_NUMBER)])
            .await
            .goes_to("/verify/code");
        assert_eq!(site.phones().messages()[0].to, NUMBER);
        assert_eq!(
            amy.call(
                "check_code",
                json!({ "code": site.code(), "purpose": "number" })
            )
            .await
            .status,
            403
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'number changed'")
                .await,
            0
        );
        // An unattended browser isn't enough either.
        site.clock.advance(601);
        amy.get("/account/number")
            .await
            .goes_to("/account/confirm?next=/account/number");
        assert_eq!(
            amy.call("change_number", json!({ "phone": OTHER_NUMBER }))
                .await
                .status,
            403
        );
    }
}

#[tokio::test]
async fn a_recovery_code_opens_the_way_to_a_new_number() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let codes = makes_codes(&amy).await;
        site.clock.advance(31);
        let elsewhere = logs_in(&amy, "amy").await;
        elsewhere
            .fill("/verify/recovery", "Continue", &[("code", &codes[9])])
            .await
            .goes_to("/verify/recovery");
        asks_for_change(&elsewhere).await;
        assert!(!is_verified(&site, &elsewhere).await);
        elsewhere
            .fill("/account/number/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account");
        assert!(is_verified(&site, &elsewhere).await);
        amy.get("/account").await.goes_to("/login?next=/account");
        // The page is closed afterwards.
        site.clock.advance(601);
        elsewhere
            .get("/account/number")
            .await
            .goes_to("/account/confirm?next=/account/number");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_prove_one_number_at_once_one_has_it() {
    for site in Site::on_each_database().await {
        let (amy, ben) = (site.registered("amy").await, site.registered("ben").await);
        let mut posts = Vec::new();
        for (person, number) in [(&amy, NUMBER), (&ben, OTHER_NUMBER)] {
            person
                .fill("/verify", "Send code", &[("phone", number)])
                .await
                .goes_to("/verify/code");
            let mut form = person.form("/verify/code", "Confirm").await;
            form.push(("code".to_owned(), site.code()));
            posts.push((person, form));
        }
        // Providers don't send two codes to one number at a time, and limits keep two accounts from
        // asking; here both have one.
        let (db, keys) = (site.state.db.write(), &site.state.keys);
        let id = site
            .count("SELECT id FROM account WHERE username_key = 'ben'")
            .await;
        let values = [
            keys.seal(id, NUMBER).into(),
            keys.number(NUMBER).to_vec().into(),
            id.into(),
        ];
        execute(
            db,
            "UPDATE verification SET number = $1, number_mac = $2 WHERE account_id = $3",
            values,
        )
        .await
        .unwrap();
        join_all(
            posts
                .iter()
                .map(|(person, form)| person.post("/verify/code", form)),
        )
        .await;
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE number_mac IS NOT NULL")
                .await,
            1
        );
        let (amys, bens) = (
            is_verified(&site, &amy).await,
            is_verified(&site, &ben).await,
        );
        assert!(amys != bens, "one of them: amy {amys}, ben {bens}");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'number left'")
                .await,
            1
        );
    }
}
