//! Access control of every route and server function, and the headers of every response.

use leptos_axum::generate_route_list;
use pollstr::app::App;
use reqwest::Method;

use crate::support::app::Site;

/// Public pages. Every other page must redirect a stranger.
const PUBLIC: [&str; 5] = [
    "/",
    "/register",
    "/login",
    "/polls/{id}",
    "/polls/{id}/receipt",
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
const VERIFIED_FUNCTIONS: [&str; 15] = [
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
];
/// Public server functions; `results` asks the poll.
const PUBLIC_FUNCTIONS: [&str; 7] = [
    "register",
    "login",
    "logout",
    "polls",
    "poll",
    "receipt",
    "check_receipt",
];

#[tokio::test]
async fn every_page_that_is_not_public_sends_a_stranger_and_the_unverified_away() {
    let site = Site::new().await;
    let id = site.poll().await.trim_start_matches("/polls/").to_owned();
    let (stranger, unverified) = (site.visitor(), site.registered("amy").await);
    let routes = generate_route_list(App);
    assert!(routes.len() > PUBLIC.len());
    for route in routes {
        let path = route.path().replace("{id}", &id).replace("{name}", "test");
        let answer = stranger.get(&path).await;
        if PUBLIC.contains(&route.path()) {
            assert_eq!(answer.status, 200, "{path}");
            continue;
        }
        answer.goes_to(&format!("/login?next={path}"));
        if !LOGGED_IN.contains(&route.path()) {
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

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let site = Site::new().await;
    let visitor = site.visitor();
    for path in [
        "/",
        "/login",
        "/nothing",
        "/healthz",
        "/readyz",
        "/api/polls",
        "/api/csrf",
        "/api/nothing",
        "/polls/x/vote",
        "/icon.svg",
    ] {
        let answer = visitor.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
        let personal = !["/healthz", "/readyz", "/icon.svg"].contains(&path);
        assert_eq!(
            answer.header("cache-control") == "no-store",
            personal,
            "{path}"
        );
        assert!(
            !answer.body.contains("<script>") && !answer.body.contains(" style="),
            "{path}"
        );
    }
}

#[tokio::test]
async fn errors_are_pages_of_this_site_or_its_json() {
    let site = Site::new().await;
    let visitor = site.visitor();
    visitor.get("/nothing").await.says(404, "Page not found");
    visitor
        .get("/polls/nosuchpoll")
        .await
        .says(404, "Page not found");
    visitor.get("/polls/%00").await.says(404, "Page not found");
    visitor.get("/api/nothing").await.says(404, "\"message\"");
    let post = |kind: &'static str, body: String| {
        visitor
            .request(Method::POST, "/login")
            .header("content-type", kind)
            .body(body)
    };
    visitor
        .send(post("text/plain", String::new()))
        .await
        .says(415, "We can't read that");
    visitor
        .send(post(
            "application/x-www-form-urlencoded",
            "a".repeat(65 * 1024 + 1),
        ))
        .await
        .says(413, "That's too long");
    visitor
        .send(post(
            "application/x-www-form-urlencoded",
            "a=%00".to_owned(),
        ))
        .await
        .says(422, "We couldn't read that");
    visitor
        .send(visitor.request(Method::DELETE, "/login"))
        .await
        .says(405, "That doesn't work here");
    visitor
        .send(visitor.request(Method::POST, "/nothing"))
        .await
        .says(404, "Page not found");
    visitor
        .call("nothing", serde_json::json!({}))
        .await
        .says(404, "Page not found. The page may have moved");
    // Characters that can't be typed are reported at their field, and nothing is lost.
    let page = visitor
        .fill(
            "/login",
            "Log in",
            &[("username", "a\0my"), ("password", "four words and more")],
        )
        .await;
    page.says(422, "We removed a character that can't be used.");
    page.says(422, "value=\"amy\"");
    visitor.get("/polls").await.goes_to("/");
    visitor
        .get("/login/?next=/account")
        .await
        .goes_to("/login?next=/account");
    visitor
        .get("//example.org/")
        .await
        .says(404, "Page not found");
}

#[tokio::test]
async fn a_session_ends_after_a_day_without_a_request_and_after_thirty_days() {
    const HOUR: i64 = 3_600;
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for _ in 0..31 {
        amy.get("/verify").await.says(200, "Phone number");
        site.clock.advance(23 * HOUR);
    }
    amy.get("/verify").await.says(200, "Phone number");
    site.clock.advance(23 * HOUR);
    amy.get("/verify").await.goes_to("/login?next=/verify");
    let ben = site.registered("ben").await;
    site.clock.advance(24 * HOUR + 299);
    ben.get("/verify").await.says(200, "Phone number");
    site.clock.advance(24 * HOUR + 600);
    ben.get("/verify").await.goes_to("/login?next=/verify");
}

#[tokio::test]
async fn each_step_up_has_a_new_session_id_and_the_old_one_is_dead() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let before = amy.cookie("session").unwrap();
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/");
    assert_ne!(amy.cookie("session").unwrap(), before);
    let thief = amy.other_browser();
    thief.set_cookie("session", &before);
    thief.get("/verify").await.goes_to("/login?next=/verify");
}

#[tokio::test]
async fn on_https_cookies_are_this_hosts_alone_and_browsers_are_told_to_stay() {
    let clock = pollstr::platform::clock::Clock::manual(crate::support::app::START_TIME);
    let site = Site::provided(
        clock,
        &[
            ("POLLSTR_ORIGIN", "https://polls.example.org"),
            ("POLLSTR_VERIFY", "simulator"),
        ],
    )
    .await;
    let amy = site.visitor();
    let form = amy.get("/register").await;
    let registered = amy
        .fill(
            "/register",
            "Create account",
            &[("username", "amy"), ("password", "four words and more")],
        )
        .await;
    for (page, name) in [(&form, "__Host-csrf="), (&registered, "__Host-session=")] {
        let cookie = page.header("set-cookie");
        assert!(cookie.starts_with(name), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(
                cookie.split("; ").any(|part| part == attribute),
                "{attribute}: {cookie}"
            );
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(
            page.header("strict-transport-security"),
            "max-age=63072000",
            "subdomains are not ours"
        );
    }
}
