//! Access control of every route and server function, and of posts from other sites.

use pollstr::app::PAGES;
use reqwest::Method;

use crate::support::app::Site;

/// Public pages. Every other page must redirect a stranger.
const PUBLIC: [&str; 8] = [
    "/",
    "/can-i-vote",
    "/register",
    "/login",
    "/polls/new/draft",
    "/polls/{id}",
    "/polls/{id}/receipt",
    "/polls/{id}/screen",
];

/// Pages that need a login but no verified number.
const LOGGED_IN: [&str; 9] = [
    "/verify",
    "/verify/app",
    "/verify/code",
    "/verify/recovery",
    "/account",
    "/account/confirm",
    "/account/data",
    "/account/delete",
    "/account/password",
];

/// Server functions that need a session with a verified number.
const VERIFIED_FUNCTIONS: [&str; 17] = [
    "cast_vote",
    "ballot",
    "results",
    "create_poll",
    "edit_poll",
    "new_poll",
    "authenticator",
    "begin_app",
    "confirm_app",
    "remove_app",
    "passkeys",
    "add_passkey",
    "remove_passkey",
    "recovery",
    "make_recovery_codes",
    "recovery_offer",
    "put_off_recovery_codes",
];

/// Public server functions; `results` asks the poll.
const PUBLIC_FUNCTIONS: [&str; 13] = [
    "register",
    "login",
    "logout",
    "polls",
    "poll",
    "receipt",
    "check_receipt",
    "pick",
    "keep_poll",
    "can_i_vote",
    "check_number",
    "check_browser",
    "practise",
];

#[tokio::test]
async fn every_page_that_is_not_public_sends_a_stranger_and_the_unverified_away() {
    let site = Site::new().await;
    let id = site.poll().await.trim_start_matches("/polls/").to_owned();
    let (stranger, unverified) = (site.visitor(), site.registered("amy").await);
    assert!(PAGES.len() > PUBLIC.len());
    for (route, _) in PAGES {
        let path = route.replace("{id}", &id).replace("{name}", "test");
        let answer = stranger.get(&path).await;
        if PUBLIC.contains(route) {
            assert_eq!(answer.status, 200, "{path}");
            continue;
        }
        answer.goes_to(&format!("/login?next={path}"));
        if !LOGGED_IN.contains(route) {
            unverified
                .get(&path)
                .await
                .goes_to(&format!("/verify?next={path}"));
        }
    }
}

#[tokio::test]
async fn every_server_function_that_is_not_public_refuses_a_stranger() {
    let site = Site::new().await;
    let id = site.poll().await.trim_start_matches("/polls/").to_owned();
    let (stranger, unverified) = (site.visitor(), site.registered("amy").await);
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    assert!(functions.len() > PUBLIC_FUNCTIONS.len());
    for (path, method) in functions {
        let name = path.trim_start_matches("/api/");
        if PUBLIC_FUNCTIONS.contains(&name) {
            continue;
        }
        for (person, verified_needed) in [(&stranger, true), (&unverified, false)] {
            let answer = if method == Method::GET {
                person.get(&format!("{path}?id={id}")).await
            } else {
                person
                    .call(name, serde_json::json!({ "poll": id, "choice": "1" }))
                    .await
            };
            if verified_needed {
                assert_eq!(answer.status, 401, "{path}");
            } else if VERIFIED_FUNCTIONS.contains(&name) {
                assert_eq!(answer.status, 403, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_post_needs_this_sites_token_and_must_not_come_from_elsewhere() {
    let site = Site::new().await;
    let visitor = site.visitor();
    let mut form = visitor.form("/login", "Log in").await;
    form.extend([
        ("username".to_owned(), "test".to_owned()),
        ("password".to_owned(), "test1234".to_owned()),
    ]);
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("referer", "http://evil.example/"),
    ] {
        let page = visitor
            .send(
                visitor
                    .request(Method::POST, "/login")
                    .header(name, value)
                    .form(&form),
            )
            .await;
        page.says(403, "You can't do that");
    }
    let without: Vec<_> = form
        .iter()
        .filter(|(name, _)| name != "_csrf")
        .cloned()
        .collect();
    let page = visitor.post("/login", &without).await;
    page.says(422, "This page expired. Please enter your password again.");
    page.says(422, "value=\"test\"");
    let stranger = site.visitor();
    stranger
        .post("/login", &form)
        .await
        .says(422, "This site needs cookies");
    visitor.post("/login", &form).await.goes_to("/verify");
}
