//! The hall view: who sees which results on it, and what else it shows.

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::seal::seal_due;
use reqwest::Method;
use serde_json::json;

use crate::polls::downloads::voted;
use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::html;

/// Limit of a compressed page, in bytes; styles and scripts are the same as on every page.
const MOST_BYTES: usize = 4_000;

async fn on_screen(person: &Person, poll: &str) -> Page {
    person.get(&format!("{poll}/screen")).await
}

async fn votes(person: &Person, poll: &str) {
    let id = poll.trim_start_matches("/polls/");
    person
        .call("cast_vote", json!({ "poll": id, "choice": "1" }))
        .await
        .says(200, poll);
}

/// Checks that a screen shows the question and how to vote, but no result.
fn shows_no_count(page: &Page, when: &str) {
    page.says(200, when);
    assert!(page.body.contains("Scan to vote") && page.body.contains("QR code"));
    for part in ["table", ".verdict", ".live"] {
        assert!(html::texts(&page.body, part).is_empty(), "{part}");
    }
    assert!(!page.body.contains("/live?after"), "{}", page.body);
}

#[tokio::test]
async fn a_screen_shows_the_results_to_those_whom_the_rule_lets_see_them() {
    for site in Site::on_each_database().await {
        let (poll, _) = voted(
            &site,
            |draft| draft.results = ResultsRule::AfterVote,
            &[&[1], &[1], &[2]],
        )
        .await;
        let stranger = site.visitor();
        let unverified = site.registered("una").await;
        let owner = site.verified("olga", "+447700900122").await;
        let voter = site.verified("vera", "+447700900123").await;
        site.execute("UPDATE poll SET owner_id = (SELECT id FROM account WHERE username = 'olga')")
            .await;
        votes(&voter, &poll).await;
        for person in [&stranger, &unverified, &owner] {
            shows_no_count(
                &on_screen(person, &poll).await,
                "They show here when the poll closes.",
            );
        }
        let page = on_screen(&voter, &poll).await;
        page.says(200, "4 votes so far");
        page.says(200, &format!("data-stream=\"{poll}/live?after=4\""));

        site.clock.advance(3_600);
        for person in [&stranger, &owner, &voter] {
            let page = on_screen(person, &poll).await;
            assert_eq!(
                html::text(&page.body, ".verdict"),
                "“Beagle” has the most votes: 3."
            );
            page.says(200, "4 votes</caption>");
        }
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let page = on_screen(&stranger, &poll).await;
        page.says(200, "Scan for the results");
        assert!(!page.body.contains("data-stream") && !page.body.contains("hx-trigger"));
        assert!(!page.body.contains("Refresh every"));
    }
}

#[tokio::test]
async fn a_screen_says_when_hidden_results_show_and_looks_for_them() {
    let site = Site::new().await;
    let (poll, _) = voted(
        &site,
        |draft| draft.results = ResultsRule::AfterClose,
        &[&[1]],
    )
    .await;
    let voter = site.verified("vera", "+447700900123").await;
    votes(&voter, &poll).await;
    for person in [&site.visitor(), &voter] {
        let page = on_screen(person, &poll).await;
        shows_no_count(&page, "The results show here when the poll closes.");
        page.says(200, "Closes");
        assert_eq!(html::text(&page.body, ".hall-left time"), "in 60 minutes");
        assert_eq!(
            html::attribute(&page.body, "#hall", "hx-trigger").as_deref(),
            Some("every 10s")
        );
        // Without scripts it can refresh too.
        page.says(200, &format!("href=\"{poll}/screen?refresh=10\""));
    }
    let again = site
        .visitor()
        .get(&format!("{poll}/screen?refresh=10"))
        .await;
    assert_eq!(again.header("refresh"), "10");
}

#[tokio::test]
async fn a_screen_shows_the_address_to_scan_and_to_type() {
    let site = Site::new().await;
    let (poll, _) = voted(&site, |draft| draft.listed = false, &[]).await;
    let page = on_screen(&site.visitor(), &poll).await;
    let address = site.origin.trim_start_matches("http://");
    assert_eq!(
        html::text(&page.body, ".hall-address"),
        format!("{address}{poll}")
    );
    assert_eq!(html::texts(&page.body, "main h1"), ["Which dog?"]);
    assert_eq!(
        html::attributes(&page.body, "main a", "href").last(),
        Some(&poll)
    );
    site.visitor().get(&poll).await.says(
        200,
        &format!("<a href=\"{poll}/screen\">Show on a screen</a>"),
    );
}

#[tokio::test]
async fn a_poll_that_others_cannot_see_is_on_no_screen_but_its_owners() {
    let site = Site::new().await;
    let (draft, _) = voted(&site, |draft| draft.draft = true, &[]).await;
    let (hidden, _) = voted(&site, |_| {}, &[]).await;
    let owner = site.verified("olga", "+447700900122").await;
    site.execute("UPDATE poll SET owner_id = (SELECT id FROM account WHERE username = 'olga')")
        .await;
    let id = hidden.trim_start_matches("/polls/");
    site.execute(&format!(
        "UPDATE poll SET hidden_reason = 'It is rude.' WHERE public_id = '{id}'"
    ))
    .await;
    for poll in [&draft, &hidden, &"/polls/nosuchpoll".to_owned()] {
        on_screen(&site.visitor(), poll)
            .await
            .says(404, "Page not found");
    }
    for poll in [&draft, &hidden] {
        let page = on_screen(&owner, poll).await;
        page.says(200, "Which dog?");
        // Others would find nothing at its address.
        assert!(!page.body.contains("hall-join"), "{}", page.body);
    }
    on_screen(&owner, &hidden)
        .await
        .says(200, "This poll was taken down.");
}

#[tokio::test]
async fn a_screen_adds_little_to_what_every_page_loads() {
    let site = Site::new().await;
    let (poll, _) = voted(
        &site,
        |draft| (draft.kind, draft.results) = (Kind::Ranked, ResultsRule::Always),
        &[&[1, 2], &[2, 1], &[3]],
    )
    .await;
    let visitor = site.visitor();
    let page = visitor
        .request(Method::GET, &format!("{poll}/screen"))
        .header("accept-encoding", "br")
        .send()
        .await
        .unwrap();
    assert_eq!(page.headers()["content-encoding"], "br");
    let bytes = page.bytes().await.unwrap().len();
    assert!((1_000..MOST_BYTES).contains(&bytes), "{bytes}");
}
