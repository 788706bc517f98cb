//! Second factors: authenticator apps and recovery codes.

mod app_codes;
mod app_setup;
mod recovery_codes;
mod recovery_offer;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
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

/// Returns the recovery codes on the page.
fn codes_on(page: &str) -> Vec<String> {
    let codes = html::text(page, "#codes");
    codes.lines().map(ToOwned::to_owned).collect()
}

pub(crate) async fn makes_codes(person: &Person) -> Vec<String> {
    person
        .fill("/account/recovery", "Create new codes", &[])
        .await
        .goes_to("/account/recovery");
    codes_on(&person.get("/account/recovery").await.body)
}
