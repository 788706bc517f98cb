//! Second factors: authenticator apps and recovery codes.

use data_encoding::BASE32_NOPAD;
use futures::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;

pub(crate) const PASSWORD: &str = "four words and more";
pub(crate) const NUMBER: &str = "+447700900123";

/// An authenticator app, implemented from RFC 6238 independently of the server.
#[derive(Clone)]
pub(crate) struct App(Vec<u8>);

impl App {
    /// Reads the secret from the page.
    pub(crate) fn scan(page: &str) -> Self {
        let secret = html::text(page, "code#secret");
        Self::with_secret(&secret.replace(' ', ""))
    }

    pub(crate) fn with_secret(secret: &str) -> Self {
        Self(BASE32_NOPAD.decode(secret.as_bytes()).unwrap())
    }

    pub(crate) fn shows(&self, at: i64) -> String {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.0).unwrap();
        mac.update(&u64::try_from(at / 30).unwrap().to_be_bytes());
        let mac = mac.finalize().into_bytes();
        let offset = (mac[19] & 15) as usize;
        let number = mac[offset..offset + 4]
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
            & 0x7FFF_FFFF;
        format!("{:06}", number % 1_000_000)
    }

    /// Returns a code that is valid at no time near this one.
    pub(crate) fn wrong(&self, now: i64) -> String {
        let good: Vec<String> = (-3..=3).map(|step| self.shows(now + 30 * step)).collect();
        (0..10)
            .map(|n| format!("00000{n}"))
            .find(|code| !good.contains(code))
            .unwrap()
    }
}

/// Sets up an app in a verified browser.
pub(crate) async fn sets_up_app(site: &Site, person: &Person) -> App {
    let page = "/account/authenticator";
    person.fill(page, "Set up an app", &[]).await.goes_to(page);
    let app = App::scan(&person.get(page).await.body);
    person
        .fill(page, "Confirm", &[("code", &app.shows(site.clock.now()))])
        .await
        .goes_to("/account");
    app
}

/// Trusts a browser with a code of the app.
pub(crate) async fn has_remembered(site: &Site, amy: &Person, app: &App) -> Person {
    site.clock.advance(60);
    let browser = logs_in(amy, "amy").await;
    let fields = [("code", &*app.shows(site.clock.now())), ("remember", "yes")];
    browser
        .fill("/verify/app", "Confirm", &fields)
        .await
        .goes_to("/");
    browser
}

pub(crate) async fn logs_in(person: &Person, name: &str) -> Person {
    let elsewhere = person.other_browser();
    elsewhere
        .fill(
            "/login",
            "Log in",
            &[("username", name), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
    elsewhere
}

/// Logs in again in the same browser with its remaining cookies.
pub(crate) async fn logs_in_again(person: &Person, name: &str) {
    person.set_cookie("session", "");
    person
        .fill(
            "/login",
            "Log in",
            &[("username", name), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
}

pub(crate) async fn is_verified(site: &Site, person: &Person) -> bool {
    let answer = person.get(&format!("{}/vote", site.poll().await)).await;
    assert!(
        answer.status == 200 || answer.header("location").starts_with("/verify"),
        "{} {}",
        answer.status,
        answer.body
    );
    answer.status == 200
}

#[tokio::test]
async fn an_app_counts_after_its_first_code_and_verifies_a_session_without_a_message() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let page = "/account/authenticator";
        amy.get("/account")
            .await
            .says(200, "Off. You get codes by text");
        amy.fill(page, "Set up an app", &[]).await.goes_to(page);
        let shown = amy.get(page).await;
        shown.says(
            200,
            "role=\"img\" aria-label=\"QR code to scan with your app\"",
        );
        shown.says(200, "otpauth://totp/Pollstr:amy?secret=");
        let app = App::scan(&shown.body);
        let now = site.clock.now();
        amy.fill(page, "Confirm", &[("code", "12345")])
            .await
            .says(422, "Enter the 6 digits from your app.");
        amy.fill(page, "Confirm", &[("code", &app.wrong(now))])
            .await
            .says(422, "That code is not right.");
        let early = logs_in(&amy, "amy").await;
        assert!(
            !early
                .get("/verify")
                .await
                .body
                .contains("authenticator app"),
            "no app counts before its first code"
        );
        early.get("/verify/app").await.goes_to("/verify");
        amy.fill(page, "Confirm", &[("code", &app.shows(now))])
            .await
            .goes_to("/account");
        amy.get("/account").await.says(200, "App set up.");
        amy.get("/account").await.says(200, "On since");
        let messages = site.phones().messages().len();
        let elsewhere = logs_in(&amy, "amy").await;
        let offered = elsewhere.get("/verify").await;
        offered.says(200, "The 6 digits in your authenticator app.");
        let (app_first, text) = (
            offered.body.find("authenticator app").unwrap(),
            offered.body.find("Send code").unwrap(),
        );
        assert!(app_first < text);
        elsewhere
            .fill("/verify", "Confirm", &[("code", &app.shows(now))])
            .await
            .says(422, "You've already used that code.");
        site.clock.advance(30);
        let before = elsewhere.cookie("session").unwrap();
        let code = app.shows(site.clock.now());
        let form = [("code", &*format!("{} {}", &code[..3], &code[3..]))];
        elsewhere
            .fill("/verify/app?next=/account", "Confirm", &form)
            .await
            .goes_to("/account");
        assert!(is_verified(&site, &elsewhere).await);
        assert_ne!(elsewhere.cookie("session").unwrap(), before);
        assert_eq!(site.phones().messages().len(), messages);
        elsewhere
            .get("/account")
            .await
            .says(200, "You entered a code from your app");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM audit_event WHERE kind = 'app set'")
                .await,
            1
        );
    }
}

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
        .goes_to("/");
    site.clock.advance(24 * 3_600);
    let elsewhere = logs_in(&amy, "amy").await;
    let right = app.shows(site.clock.now());
    elsewhere
        .fill("/verify/app", "Confirm", &[("code", &right)])
        .await
        .goes_to("/");
}

#[tokio::test]
async fn an_app_is_changed_and_removed_by_its_verified_owner_who_typed_the_password_lately() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", NUMBER).await;
        let old = sets_up_app(&site, &amy).await;
        let page = "/account/authenticator";
        let thief = logs_in(&amy, "amy").await;
        thief
            .get(page)
            .await
            .goes_to(&format!("/verify?next={page}"));
        for function in [
            "begin_app",
            "confirm_app",
            "remove_app",
            "make_recovery_codes",
        ] {
            assert_eq!(
                thief
                    .call(function, json!({ "code": "123456" }))
                    .await
                    .status,
                403,
                "{function}"
            );
        }
        assert_eq!(thief.get("/api/authenticator").await.status, 403);
        site.clock.advance(601);
        amy.get(page)
            .await
            .goes_to(&format!("/account/confirm?next={page}"));
        amy.fill(
            &format!("/account/confirm?next={page}"),
            "Continue",
            &[("password", PASSWORD)],
        )
        .await
        .goes_to(page);
        // The old app works until the new one is confirmed, and not afterwards.
        amy.fill(page, "Replace the app", &[]).await.goes_to(page);
        let new = App::scan(&amy.get(page).await.body);
        let elsewhere = logs_in(&amy, "amy").await;
        elsewhere
            .fill(
                "/verify/app",
                "Confirm",
                &[("code", &old.shows(site.clock.now()))],
            )
            .await
            .goes_to("/");
        amy.fill(page, "Confirm", &[("code", &new.shows(site.clock.now()))])
            .await
            .goes_to("/account");
        site.clock.advance(60);
        let elsewhere = logs_in(&amy, "amy").await;
        let now = site.clock.now();
        elsewhere
            .fill("/verify/app", "Confirm", &[("code", &old.shows(now))])
            .await
            .says(422, "That code is not right.");
        amy.fill(page, "Remove the app", &[])
            .await
            .goes_to("/account");
        amy.get("/account").await.says(200, "App removed.");
        elsewhere.get("/verify/app").await.goes_to("/verify");
        assert_eq!(
            elsewhere
                .call("check_app", json!({ "code": new.shows(now) }))
                .await
                .status,
            403
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM authenticator").await, 0);
    }
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

#[tokio::test]
async fn a_secret_that_nobody_confirmed_is_forgotten_after_ten_minutes() {
    let site = Site::new().await;
    let amy = site.verified("amy", NUMBER).await;
    let page = "/account/authenticator";
    amy.fill(page, "Set up an app", &[]).await.goes_to(page);
    let app = App::scan(&amy.get(page).await.body);
    let form = amy.form(page, "Confirm").await;
    site.clock.advance(600);
    let code = ("code".to_owned(), app.shows(site.clock.now()));
    amy.post(page, &[form, vec![code]].concat())
        .await
        .goes_to(page);
    assert!(!amy.get(page).await.body.contains("id=\"secret\""));
    assert_eq!(
        site.count("SELECT COUNT(*) FROM authenticator WHERE secret IS NOT NULL")
            .await,
        0
    );
}
