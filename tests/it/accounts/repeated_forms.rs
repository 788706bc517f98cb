//! A form posted twice, as by a second click before the response: one action, one response.

use futures::future::join_all;
use serde_json::json;

use crate::accounts::recovery_codes::makes_codes;
use crate::accounts::second_factors::{App, NUMBER, PASSWORD, logs_in, sets_up_app};
use crate::support::app::Site;
use crate::support::browser::{Page, Person};

type Form = Vec<(String, String)>;

/// Fills in the form with this button.
async fn filled(person: &Person, path: &str, button: &str, fields: &[(&str, &str)]) -> Form {
    let mut form = person.form(path, button).await;
    form.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    form
}

/// Copies the browser; later cookies go to one of the two only.
fn deaf(person: &Person) -> Person {
    let same = person.other_browser();
    for name in ["session", "csrf", "remembered"] {
        if let Some(value) = person.cookie(name) {
            same.set_cookie(name, &value);
        }
    }
    same
}

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

/// Submits the form twice before a response arrives. Both must lead to one place in one session.
/// Returns the browser that only got the second response.
async fn twice(
    person: &Person,
    path: &str,
    button: &str,
    fields: &[(&str, &str)],
    to: &str,
) -> Person {
    let form = filled(person, path, button, fields).await;
    let second = deaf(person);
    person.post(path, &form).await.goes_to(to);
    second.post(path, &form).await.goes_to(to);
    assert_eq!(
        second.cookie("session"),
        person.cookie("session"),
        "{path}: {button}"
    );
    second
}

async fn is_verified(site: &Site, person: &Person) -> bool {
    person
        .get(&format!("{}/vote", site.poll().await))
        .await
        .status
        == 200
}

async fn has_code(site: &Site, name: &str) -> Person {
    let person = site.registered(name).await;
    person
        .fill("/verify", "Send code", &[("phone", NUMBER)])
        .await
        .goes_to("/verify/code");
    person
}

async fn happened(site: &Site, what: &str) -> i64 {
    site.count(&format!(
        "SELECT COUNT(*) FROM audit_event WHERE kind = '{what}'"
    ))
    .await
}

#[tokio::test]
async fn a_code_sent_twice_proves_the_number_once_and_both_answers_are_happy() {
    for site in Site::on_each_database().await {
        let amy = has_code(&site, "amy").await;
        let fields = [("code", &*site.code()), ("remember", "yes")];
        let second = twice(&amy, "/verify/code", "Confirm", &fields, "/").await;
        // The flash message of the first response shows on the next page.
        second.get("/").await.says(200, "your number is verified");
        assert!(is_verified(&site, &second).await);
        assert_eq!(second.cookie("remembered"), amy.cookie("remembered"));
        assert_eq!(happened(&site, "number proved").await, 1);
        assert_eq!(happened(&site, "code wrong").await, 0);
        assert_eq!(site.phones().checks(), 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM session").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM trusted_browser").await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule LIKE 'wrong code%'")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn an_account_that_is_created_twice_is_its_newcomers_both_times() {
    for site in Site::on_each_database().await {
        let amy = site.visitor();
        let fields = [("username", "amy"), ("password", PASSWORD)];
        let to = "/verify?next=/account";
        let second = twice(
            &amy,
            "/register?next=/account",
            "Create account",
            &fields,
            to,
        )
        .await;
        second.get("/verify").await.says(200, "Phone number");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            1
        );
        assert_eq!(happened(&site, "registered").await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule LIKE '%password%'")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn a_name_is_taken_for_everybody_but_the_form_that_made_it_and_its_password() {
    for site in Site::on_each_database().await {
        let amy = site.visitor();
        let fields = [("username", "amy"), ("password", PASSWORD)];
        let other = filled(&amy, "/register", "Create account", &fields).await;
        let form = filled(&amy, "/register", "Create account", &fields).await;
        let late = deaf(&amy);
        amy.post("/register", &form).await.goes_to("/verify");
        late.post("/register", &other)
            .await
            .says(422, "That name is taken.");
        let stranger = site.visitor();
        stranger
            .fill("/register", "Create account", &fields)
            .await
            .says(422, "That name is taken.");
        let mut guess = form.clone();
        guess.last_mut().unwrap().1 = "another four words".to_owned();
        late.post("/register", &guess)
            .await
            .says(422, "That name is taken.");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM failure WHERE rule = 'wrong password, known device'")
                .await,
            1
        );
        late.post("/register", &form).await.goes_to("/verify");
        assert_eq!(late.cookie("session"), amy.cookie("session"));
    }
}

#[tokio::test]
async fn a_password_typed_again_twice_is_taken_both_times() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        site.clock.advance(601);
        let page = "/account/confirm?next=/account/recovery";
        let second = twice(
            &amy,
            page,
            "Continue",
            &[("password", PASSWORD)],
            "/account/recovery",
        )
        .await;
        second
            .get("/account/recovery")
            .await
            .says(200, "Create new codes");
    }
}

#[tokio::test]
async fn a_password_changed_twice_is_changed_once_and_both_answers_say_so() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let fields = [
            ("password", PASSWORD),
            ("new_password", "five words are even more"),
        ];
        let second = twice(
            &amy,
            "/account/password",
            "Change password",
            &fields,
            "/account",
        )
        .await;
        second.get("/account").await.says(200, "Password changed.");
        assert_eq!(happened(&site, "password changed").await, 1);
        assert_eq!(happened(&site, "password wrong").await, 0);
    }
}

#[tokio::test]
async fn a_code_of_an_app_sent_twice_is_used_once_and_both_answers_are_happy() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let page = "/account/authenticator";
        amy.fill(page, "Set up an app", &[]).await.goes_to(page);
        let app = App::scan(&amy.get(page).await.body);
        let code = app.shows(site.clock.now());
        let second = twice(&amy, page, "Confirm", &[("code", &code)], "/account").await;
        second.get("/account").await.says(200, "App set up.");
        assert_eq!(happened(&site, "app set").await, 1);
        site.clock.advance(60);
        let elsewhere = logs_in(&amy, "amy").await;
        let code = app.shows(site.clock.now());
        let second = twice(
            &elsewhere,
            "/verify/app",
            "Confirm",
            &[("code", &code)],
            "/",
        )
        .await;
        assert!(is_verified(&site, &second).await);
        assert_eq!(happened(&site, "app code used").await, 1);
    }
}

#[tokio::test]
async fn a_recovery_code_sent_twice_is_one_code_and_opens_the_way_both_times() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let codes = makes_codes(&amy).await;
        let elsewhere = logs_in(&amy, "amy").await;
        let page = "/verify/recovery";
        let second = twice(&elsewhere, page, "Continue", &[("code", &codes[0])], page).await;
        second
            .get(page)
            .await
            .says(200, "You have ten minutes to set up a new way to get codes");
        assert_eq!(site.count("SELECT COUNT(*) FROM recovery_code").await, 9);
        assert_eq!(happened(&site, "recovery code used").await, 1);
        assert_eq!(happened(&site, "code wrong").await, 0);
    }
}

#[tokio::test]
async fn the_code_of_a_new_number_sent_twice_changes_it_once() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let fields = [("phone", "+447700900124")];
        twice(
            &amy,
            "/account/number",
            "Send code",
            &fields,
            "/account/number/code",
        )
        .await;
        assert_eq!(site.phones().messages().len(), 2);
        let fields = [("code", &*site.code())];
        let second = twice(&amy, "/account/number/code", "Confirm", &fields, "/account").await;
        second.get("/account").await.says(200, "Number changed.");
        assert_eq!(happened(&site, "number changed").await, 1);
    }
}

#[tokio::test]
async fn new_recovery_codes_made_twice_are_the_same_ten_on_both_pages() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let page = "/account/recovery";
        let form = filled(&amy, page, "Create new codes", &[]).await;
        let second = deaf(&amy);
        amy.post(page, &form).await.goes_to(page);
        second.post(page, &form).await.goes_to(page);
        assert!(
            amy.cookie("recovery")
                .is_some_and(|codes| codes.len() > 160)
        );
        assert_eq!(second.cookie("recovery"), amy.cookie("recovery"));
        second.get(page).await.says(200, "You won't see them again");
        assert_eq!(happened(&site, "recovery codes made").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) FROM recovery_code").await, 10);
        // Another form makes other codes.
        let codes = amy.cookie("recovery");
        amy.set_cookie("recovery", "");
        amy.fill(page, "Create new codes", &[]).await.goes_to(page);
        assert_ne!(amy.cookie("recovery"), codes);
        assert_eq!(site.count("SELECT COUNT(*) FROM recovery_code").await, 10);
        // After logging out nothing is shown.
        amy.set_cookie("recovery", "");
        let form = filled(&amy, page, "Create new codes", &[]).await;
        let second = deaf(&amy);
        amy.post(page, &form).await.goes_to(page);
        amy.fill("/", "Log out", &[]).await.goes_to("/");
        second
            .post(page, &form)
            .await
            .goes_to("/login?next=/account/recovery");
        assert_eq!(second.cookie("recovery"), None);
    }
}

#[tokio::test]
async fn a_log_in_a_log_out_and_a_farewell_sent_twice_are_one() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let out = filled(&amy, "/", "Log out", &[]).await;
        let second = deaf(&amy);
        amy.post("/", &out).await.goes_to("/");
        second.post("/", &out).await.goes_to("/");
        second.get("/").await.says(200, "You are logged out.");
        assert_eq!(happened(&site, "logged out").await, 1);
        let fields = [("username", "amy"), ("password", PASSWORD)];
        twice(&amy, "/login", "Log in", &fields, "/verify").await;
        assert_eq!(
            site.count("SELECT COUNT(*) FROM session WHERE account_id IS NOT NULL")
                .await,
            1
        );
        assert_eq!(happened(&site, "logged in").await, 1);
        let farewell = filled(
            &amy,
            "/account/delete",
            "Delete my account",
            &[("password", PASSWORD)],
        )
        .await;
        let second = deaf(&amy);
        amy.post("/account/delete", &farewell).await.goes_to("/");
        second.post("/account/delete", &farewell).await.goes_to("/");
        second.get("/").await.says(200, "Your account is deleted.");
        assert_eq!(happened(&site, "account deleted").await, 1);
    }
}

#[tokio::test]
async fn a_code_asked_for_twice_is_one_message_and_both_answers_lead_to_its_page() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        twice(
            &amy,
            "/verify",
            "Send code",
            &[("phone", NUMBER)],
            "/verify/code",
        )
        .await;
        assert_eq!(site.phones().messages().len(), 1);
        site.clock.advance(30);
        twice(&amy, "/verify/code", "Send a new code", &[], "/verify/code").await;
        assert_eq!(site.phones().messages().len(), 2);
        // Another form is a new request, and comes too soon.
        amy.fill("/verify/code", "Send a new code", &[])
            .await
            .says(429, "We sent a code a moment ago.");
    }
}

#[tokio::test]
async fn a_former_session_is_good_for_nothing_without_the_form_that_was_sent() {
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
        amy.post("/verify/code", &form).await.goes_to("/");
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
        amy.post("/verify/code", &form).await.goes_to("/");
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
            amy.post("/verify/code", &form).await.goes_to("/");
            (amy, former, form)
        };
        let (amy, former, form) = sent("amy", NUMBER).await;
        for _ in 0..3 {
            let again = deaf(&former);
            again.post("/verify/code", &form).await.goes_to("/");
            assert_eq!(again.cookie("session"), amy.cookie("session"));
        }
        former
            .post("/verify/code", &form)
            .await
            .goes_to("/login?next=/verify/code");

        let (ben, former, form) = sent("ben", "+447700900125").await;
        site.clock.advance(29);
        deaf(&former).post("/verify/code", &form).await.goes_to("/");
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
        let twin = site.with_a_memory().await;
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
                        &twin.origin
                    }))
                })
                .collect();
            let answers = join_all(
                browsers
                    .iter()
                    .map(|browser| browser.post("/verify/code", &form)),
            )
            .await;
            agree(&answers, "/");
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
                        &twin.origin
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
