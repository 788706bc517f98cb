//! Passkeys: adding them, logging in with them, and what must not be accepted.

mod adding;
mod log_in;

use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;

use crate::accounts::second_factors::NUMBER;
use crate::support::app::Site;
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
