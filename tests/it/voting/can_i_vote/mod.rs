//! The page where people find out whether they can vote: it answers without an account, and stores
//! and sends nothing.

mod numbers;
mod polls;
mod practice;

use reqwest::Method;

use crate::support::app::Site;
use crate::support::browser::{Page, Person};

const PAGE: &str = "/can-i-vote";
const MOBILE: &str = "+447700900123";
const LANDLINE: &str = "+44 1632 960123";
const FRENCH: &str = "+33 6 39 98 12 34";
/// A page without styles, scripts and pictures, compressed.
const MOST_BYTES: usize = 9_000;

/// Checks a number, by default of the United Kingdom.
async fn checks(person: &Person, page: &str, number: &str) -> Page {
    person
        .fill(
            page,
            "Check number",
            &[("phone", number), ("country", "GB")],
        )
        .await
}

/// Counts the rows that a visit could leave.
async fn rows(site: &Site) -> i64 {
    let tables = [
        "account",
        "audit_event",
        "ballot",
        "failure",
        "form_submission",
        "participation",
        "send",
        "session",
        "setting",
        "verification",
    ];
    let counts = tables.map(|table| format!("(SELECT COUNT(*) FROM {table})"));
    site.count(&counts.join(" + ")).await
}

#[tokio::test]
async fn a_browser_that_sends_no_cookie_is_told_and_one_that_does_can_vote() {
    let site = Site::new().await;
    let stranger = site.visitor();
    let form = stranger.form(PAGE, "Check cookies").await;
    let good = "Your browser accepts our cookies, so you can vote with it.";
    stranger.post(PAGE, &form).await.says(200, good);
    stranger.forget();
    let refused = stranger.post(PAGE, &form).await;
    refused.says(
        422,
        "This site needs cookies, but your browser didn't send ours.",
    );
    assert!(!refused.body.contains(good));
}

#[tokio::test]
async fn the_page_is_light_and_the_pages_to_log_in_and_sign_up_lead_to_it() {
    let site = Site::new().await;
    let stranger = site.visitor();
    for page in ["/login", "/register"] {
        stranger.get(page).await.says(200, "href=\"/can-i-vote\"");
    }
    let request = stranger.request(Method::GET, PAGE);
    let request = request
        .header("accept", "text/html")
        .header("accept-encoding", "gzip");
    let bytes = request.send().await.unwrap().bytes().await.unwrap().len();
    assert!((1_000..MOST_BYTES).contains(&bytes), "{bytes}");
}
