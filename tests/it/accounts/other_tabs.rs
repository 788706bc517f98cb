//! Several tabs of one browser: what an open page may still do after another person logged in.

use reqwest::Method;

use crate::accounts::second_factors::{NUMBER, PASSWORD};
use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::html;

/// Returns the account tag that htmx sends from this page.
fn tag_of(page: &Page) -> String {
    let headers = html::attribute(&page.body, "body", "hx-headers:inherited").unwrap();
    let headers: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&headers).unwrap();
    headers
        .values()
        .next()
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

/// Sends an htmx request from a page with this tag.
async fn step(person: &Person, path: &str, tag: &str) -> Page {
    let request = person
        .request(Method::GET, path)
        .header("accept", "text/html")
        .header("hx-request", "true");
    person
        .send(
            request
                .header("hx-boosted", "true")
                .header("hx-request-type", "partial")
                .header("x-made-for", tag),
        )
        .await
}

async fn logs_in_as(browser: &Person, name: &str) {
    browser.set_cookie("session", "");
    browser
        .fill(
            "/login",
            "Log in",
            &[("username", name), ("password", PASSWORD)],
        )
        .await
        .goes_to("/verify");
}

#[tokio::test]
async fn a_step_from_a_page_that_was_made_for_another_viewer_loads_the_page_whole() {
    for site in Site::on_each_database().await {
        let (amy, ben) = (site.registered("amy").await, site.registered("ben").await);
        let (of_amy, of_ben) = (tag_of(&amy.get("/").await), tag_of(&ben.get("/").await));
        let of_stranger = tag_of(&site.visitor().get("/").await);
        assert_eq!(
            tag_of(&amy.get("/account").await),
            of_amy,
            "it stays the same"
        );
        assert!(of_amy != of_ben && of_amy != of_stranger);
        let id = site
            .count("SELECT id FROM account WHERE username = 'amy'")
            .await;
        assert!(!of_amy.contains("amy") && of_amy != id.to_string());

        let own = step(&amy, "/account", &of_amy).await;
        assert!(
            own.status == 200 && own.body.contains("<main") && !own.body.contains("<header"),
            "{}",
            own.body
        );
        for (person, tag) in [
            (&amy, &of_ben),
            (&amy, &of_stranger),
            (&site.visitor(), &of_amy),
        ] {
            let stale = step(person, "/?q=dog&show=closed", tag).await;
            assert_eq!(
                (stale.status.as_u16(), stale.header("hx-redirect")),
                (200, "/?q=dog&show=closed")
            );
            assert!(stale.body.is_empty());
        }
        // The header's note about the number is outdated too.
        amy.fill("/verify", "Send code", &[("phone", NUMBER)])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await
            .goes_to("/account/recovery/offer");
        assert_eq!(
            step(&amy, "/account", &of_amy).await.header("hx-redirect"),
            "/account"
        );
        // The flash message waits for the reloaded page.
        amy.get("/").await.says(200, "your number is verified");
        assert_eq!(
            step(&amy, "//example.org", &of_amy)
                .await
                .header("hx-redirect"),
            "/"
        );
    }
}

#[tokio::test]
async fn a_form_that_was_made_for_amy_does_not_act_as_ben() {
    for site in Site::on_each_database().await {
        let ben = site.verified("ben", "+447700900124").await;
        let amy = site.registered("amy").await;
        let mut form = amy.form("/verify", "Send code").await;
        form.push(("phone".to_owned(), NUMBER.to_owned()));
        let out = amy.form("/", "Log out").await;
        logs_in_as(&amy, "ben").await;
        let messages = site.phones().messages().len();
        let refused = amy.post("/verify", &form).await;
        refused.says(409, "Someone else has logged in with this browser since you opened this page, so we did nothing.");
        refused.says(409, ">ben</span>");
        assert!(!refused.body.contains(NUMBER));
        assert_eq!(site.phones().messages().len(), messages);
        // With htmx the whole page is reloaded, since the header is outdated.
        let request = amy
            .request(Method::POST, "/verify")
            .header("accept", "text/html")
            .header("hx-request", "true")
            .form(&form);
        let refused = amy.send(request).await;
        refused.says(409, "<header");
        assert_eq!(
            (refused.header("hx-retarget"), refused.header("hx-reswap")),
            ("body", "outerHTML")
        );
        // Ben isn't logged out by it.
        assert_eq!(amy.post("/", &out).await.status, 409);
        amy.fill("/verify", "Send code", &[])
            .await
            .goes_to("/verify/code");
        drop(ben);
    }
}

#[tokio::test]
async fn a_log_in_page_that_was_left_open_logs_in_though_another_person_has() {
    let site = Site::new().await;
    site.registered("amy").await;
    let ben = site.registered("ben").await;
    let browser = site.visitor();
    let mut form = browser.form("/login", "Log in").await;
    form.extend([
        ("username".to_owned(), "amy".to_owned()),
        ("password".to_owned(), PASSWORD.to_owned()),
    ]);
    browser.set_cookie("session", &ben.cookie("session").unwrap());
    browser.post("/login", &form).await.goes_to("/verify");
    browser.get("/account").await.says(200, ">amy</span>");
}

#[tokio::test]
async fn without_cookies_a_form_says_that_they_are_needed() {
    let site = Site::new().await;
    let (visitor, without) = (site.visitor(), site.visitor());
    let fields = [
        ("username".to_owned(), "amy".to_owned()),
        ("password".to_owned(), PASSWORD.to_owned()),
    ];
    for _ in 0..2 {
        let form = [without.form("/login", "Log in").await, fields.to_vec()].concat();
        without.forget();
        let page = without.post("/login", &form).await;
        page.says(
            422,
            "This site needs cookies, but your browser didn't send ours.",
        );
        page.says(422, "Please enter your password again.");
        assert!(!page.body.contains("Nothing is lost"));
        without.forget();
    }
    // With cookies and an expired page.
    let stale = |form: Vec<(String, String)>| {
        form.into_iter()
            .filter(|(name, _)| name != "_csrf")
            .collect::<Vec<_>>()
    };
    let form = stale([visitor.form("/login", "Log in").await, fields.to_vec()].concat());
    let page = visitor.post("/login", &form).await;
    page.says(422, "This page expired. Please enter your password again.");
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", NUMBER)])
        .await
        .goes_to("/verify/code");
    let form = stale(
        [
            amy.form("/verify/code", "Confirm").await,
            vec![("code".to_owned(), site.code())],
        ]
        .concat(),
    );
    amy.post("/verify/code", &form)
        .await
        .says(422, "This page expired. Please enter your code again.");
    let form = stale(
        [
            amy.form("/verify", "Send code").await,
            vec![("phone".to_owned(), "1".to_owned())],
        ]
        .concat(),
    );
    amy.post("/verify", &form)
        .await
        .says(422, "Nothing is lost: press the button again.");
}
