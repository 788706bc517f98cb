//! Refusals: at their field, in every format, and for the guesser alone.

use serde_json::json;

use crate::support::app::Site;

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let visitor = site.visitor();
    let page = visitor
        .fill(
            "/register",
            "Create account",
            &[("username", "amy archer"), ("password", "short")],
        )
        .await;
    page.says(
        422,
        "Use only letters, digits, dots, dashes and underscores.",
    );
    page.says(422, "value=\"amy archer\"");
    page.says(422, "Use at least 8 characters.");
    assert!(!page.body.contains("short"));
    let page = visitor
        .fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", "wrong password")],
        )
        .await;
    page.says(
        422,
        "Your username and password didn't match. Please try again.",
    );
    page.says(422, "value=\"amy\"");
    visitor
        .fill("/login", "Log in", &[])
        .await
        .says(422, "Enter your username.");
    site.registered("amy").await;
    visitor
        .fill(
            "/register",
            "Create account",
            &[("username", "AMY"), ("password", "four words and more")],
        )
        .await
        .says(422, "That name is taken.");
}

#[tokio::test]
async fn the_same_refusal_reaches_htmx_and_json_in_their_own_words() {
    let site = Site::new().await;
    let visitor = site.visitor();
    let form = visitor.form("/login", "Log in").await;
    let page = visitor
        .send(
            visitor
                .request(reqwest::Method::POST, "/login")
                .header("hx-request", "true")
                .form(&form),
        )
        .await;
    assert_eq!(
        (page.status.as_u16(), page.header("hx-push-url")),
        (422, "false")
    );
    assert!(
        page.body
            .starts_with("<title>Log in · Pollstr</title><main id=\"main\""),
        "{}",
        page.body
    );
    let answer = visitor.call("login", json!({})).await;
    answer.says(
        422,
        r#""fields":{"password":"Enter your password.","username":"Enter your username."}"#,
    );
    let full = [
        form,
        vec![
            ("username".to_owned(), "test".to_owned()),
            ("password".to_owned(), "test1234".to_owned()),
        ],
    ]
    .concat();
    let page = visitor
        .send(
            visitor
                .request(reqwest::Method::POST, "/login")
                .header("hx-request", "true")
                .form(&full),
        )
        .await;
    assert_eq!(
        (page.status.as_u16(), page.header("hx-redirect")),
        (200, "/verify")
    );
}

#[tokio::test]
async fn guessing_passwords_stops_the_guesser_and_not_the_owner() {
    let site = Site::new().await;
    let (guesser, owner) = (
        site.registered("eve").await.other_browser(),
        site.registered("amy").await.other_browser(),
    );
    for _ in 0..10 {
        let page = guesser
            .call("login", json!({ "username": "amy", "password": "a guess" }))
            .await;
        assert_eq!(page.status, 422);
    }
    guesser
        .call("login", json!({ "username": "amy", "password": "a guess" }))
        .await
        .says(429, "Too many wrong passwords.");
    owner
        .call(
            "login",
            json!({ "username": "amy", "password": "four words and more" }),
        )
        .await
        .says(200, "/verify");
    site.clock.advance(900);
    assert_eq!(
        guesser
            .call("login", json!({ "username": "amy", "password": "a guess" }))
            .await
            .status,
        422
    );
}
