//! What a repeated form doesn't get: how long, how often and to whom it is answered again.

use futures::future::join_all;
use serde_json::json;

use crate::accounts::repeated_forms::{deaf, filled, happened, has_code, is_verified};
use crate::accounts::second_factors::{NUMBER, PASSWORD, sets_up_app};
use crate::support::app::Site;
use crate::support::browser::Page;

/// Returns the session cookie of a response.
fn session_of(page: &Page) -> Option<&str> {
    let cookies = page
        .headers
        .get_all("set-cookie")
        .into_iter()
        .map(|cookie| cookie.to_str().unwrap());
    cookies
        .filter_map(|cookie| cookie.strip_prefix("session="))
        .map(|cookie| cookie.split(';').next().unwrap())
        .find(|id| !id.is_empty())
}

#[tokio::test]
async fn a_former_session_is_useless_without_the_form_that_was_posted() {
    for site in Site::on_each_database().await {
        let amy = has_code(&site, "amy").await;
        let fields = [("code", &*site.code())];
        let other = filled(&amy, "/verify/code", "Confirm", &fields).await;
        let form = filled(&amy, "/verify/code", "Confirm", &fields).await;
        let former = deaf(&amy);
        // Someone who stole or planted the session has another form.
        let thief = site.visitor();
        let mut planted = thief.form("/login", "Log in").await;
        planted.retain(|(name, _)| name != "_fn");
        planted.extend([
            ("_fn".to_owned(), "check_code".to_owned()),
            ("code".to_owned(), site.code()),
        ]);
        thief.set_cookie("session", &amy.cookie("session").unwrap());
        amy.post("/verify/code", &form)
            .await
            .goes_to("/account/recovery/offer");
        thief
            .post("/verify/code", &planted)
            .await
            .goes_to("/login?next=/verify/code");
        former
            .post("/verify/code", &other)
            .await
            .goes_to("/login?next=/verify/code");
        // The form without the session is refused too.
        let without = deaf(&former);
        without.set_cookie("session", "");
        without
            .post("/verify/code", &form)
            .await
            .goes_to("/login?next=/verify/code");
        former.get("/verify").await.goes_to("/login?next=/verify");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_in_a_form_that_was_right_is_a_wrong_try() {
    for site in Site::on_each_database().await {
        let amy = has_code(&site, "amy").await;
        let form = filled(&amy, "/verify/code", "Confirm", &[("code", &*site.code())]).await;
        let former = deaf(&amy);
        amy.post("/verify/code", &form)
            .await
            .goes_to("/account/recovery/offer");
        let mut wrong = form.clone();
        wrong.last_mut().unwrap().1 = if site.code() == "000000" {
            "000001"
        } else {
            "000000"
        }
        .to_owned();
        for tries in 1..=3 {
            former
                .post("/verify/code", &wrong)
                .await
                .goes_to("/login?next=/verify/code");
            assert_eq!(
                site.count("SELECT COUNT(*) FROM failure WHERE rule LIKE 'wrong code%'")
                    .await,
                tries
            );
        }
        assert_eq!(happened(&site, "code wrong").await, 3);
        former
            .post("/verify/code", &form)
            .await
            .goes_to("/login?next=/verify/code");
    }
}

#[tokio::test]
async fn a_form_is_answered_again_for_thirty_seconds_three_times_and_never_after_a_log_out() {
    for site in Site::on_each_database().await {
        let sent = async |name: &str, number: &str| {
            let amy = site.registered(name).await;
            amy.fill("/verify", "Send code", &[("phone", number)])
                .await
                .goes_to("/verify/code");
            let form = filled(&amy, "/verify/code", "Confirm", &[("code", &*site.code())]).await;
            let former = deaf(&amy);
            amy.post("/verify/code", &form)
                .await
                .goes_to("/account/recovery/offer");
            (amy, former, form)
        };
        let (amy, former, form) = sent("amy", NUMBER).await;
        for _ in 0..3 {
            let again = deaf(&former);
            again
                .post("/verify/code", &form)
                .await
                .goes_to("/account/recovery/offer");
            assert_eq!(again.cookie("session"), amy.cookie("session"));
        }
        former
            .post("/verify/code", &form)
            .await
            .goes_to("/login?next=/verify/code");

        let (ben, former, form) = sent("ben", "+447700900125").await;
        site.clock.advance(29);
        deaf(&former)
            .post("/verify/code", &form)
            .await
            .goes_to("/account/recovery/offer");
        site.clock.advance(1);
        former
            .post("/verify/code", &form)
            .await
            .goes_to("/login?next=/verify/code");
        assert!(is_verified(&site, &ben).await);

        let (cat, former, form) = sent("cat", "+447700900126").await;
        cat.fill("/", "Log out", &[]).await.goes_to("/");
        former
            .post("/verify/code", &form)
            .await
            .goes_to("/login?next=/verify/code");
        former.get("/verify").await.goes_to("/login?next=/verify");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_presses_at_the_same_moment_one_counts_and_the_answers_agree() {
    for site in Site::on_each_database().await {
        let second_instance = site.second_instance_with_cache().await;
        for (round, presses) in [2, 8].into_iter().enumerate() {
            let amy = site.registered(&format!("amy{round}")).await;
            amy.fill(
                "/verify",
                "Send code",
                &[("phone", &format!("+44770090013{round}"))],
            )
            .await
            .goes_to("/verify/code");
            let form = filled(&amy, "/verify/code", "Confirm", &[("code", &*site.code())]).await;
            let browsers: Vec<_> = (0..presses)
                .map(|n| {
                    deaf(&amy.at(if n % 2 == 0 {
                        &site.origin
                    } else {
                        &second_instance.origin
                    }))
                })
                .collect();
            let answers = join_all(
                browsers
                    .iter()
                    .map(|browser| browser.post("/verify/code", &form)),
            )
            .await;
            agree(&answers, "/account/recovery/offer");
            assert_eq!(
                happened(&site, "number proved").await,
                i64::try_from(round).unwrap() + 1
            );
            assert_eq!(happened(&site, "code wrong").await, 0);

            let browsers: Vec<_> = (0..presses)
                .map(|n| {
                    site.visitor().at(if n % 2 == 0 {
                        &site.origin
                    } else {
                        &second_instance.origin
                    })
                })
                .collect();
            let first = &browsers[0];
            let form = filled(
                first,
                "/register",
                "Create account",
                &[("username", &format!("ben{round}")), ("password", PASSWORD)],
            )
            .await;
            for browser in &browsers {
                browser.set_cookie("csrf", &first.cookie("csrf").unwrap());
            }
            let answers = join_all(
                browsers
                    .iter()
                    .map(|browser| browser.post("/register", &form)),
            )
            .await;
            agree(&answers, "/verify");
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            4
        );
    }
}

/// Of several responses to one form at most four succeed, and those are equal; the rest are
/// refused.
fn agree(answers: &[Page], to: &str) {
    let (happy, refused): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.header("location") == to);
    assert_eq!(
        happy.len(),
        answers.len().min(4),
        "{:?}",
        answers
            .iter()
            .map(|page| (page.status, page.header("location")))
            .collect::<Vec<_>>()
    );
    assert!(session_of(happy[0]).is_some());
    assert!(
        happy
            .iter()
            .all(|answer| session_of(answer) == session_of(happy[0]))
    );
    assert!(refused.iter().all(|answer| session_of(answer).is_none()));
}

#[tokio::test]
async fn programs_that_send_no_form_are_answered_as_before() {
    let site = Site::new().await;
    let amy = has_code(&site, "amy").await;
    let former = deaf(&amy);
    let forms = site.count("SELECT COUNT(*) FROM form_submission").await;
    amy.call("check_code", json!({ "code": site.code() }))
        .await
        .says(200, "\"next\":\"/\"");
    former
        .call("check_code", json!({ "code": site.code() }))
        .await
        .says(401, "Please log in first.");
    let ben = site.visitor();
    let body = || json!({ "username": "ben", "password": PASSWORD });
    ben.call("register", body()).await.says(200, "/verify");
    ben.call("register", body())
        .await
        .says(422, "That name is taken.");
    assert_eq!(
        site.count("SELECT COUNT(*) FROM form_submission").await,
        forms
    );
}

#[tokio::test]
async fn a_form_that_was_sent_is_forgotten_within_the_hour() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    sets_up_app(&site, &amy).await;
    assert!(site.count("SELECT COUNT(*) FROM form_submission").await > 0);
    site.clock.advance(3_600);
    pollstr::accounts::sessions::sent_forms::forget(&site.state.db, site.clock.now())
        .await
        .unwrap();
    assert_eq!(site.count("SELECT COUNT(*) FROM form_submission").await, 0);
}
