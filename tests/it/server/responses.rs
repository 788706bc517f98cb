//! Headers of every response, and error responses.

use reqwest::Method;

use crate::support::app::Site;

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
