//! Polls that are written before signing up: kept in a cookie until they can be created.

use crate::polls::create::NUMBER;
use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::html;
use crate::voting::picks::{signs_up, verifies};

const WRITE: &str = "/polls/new/draft";
const NEW: &str = "/polls/new";
const BEFORE: &str = "Your poll from before.";

const POLL: [(&str, &str); 6] = [
    ("question", "Tea or “coffee”?"),
    ("description", "Both & more"),
    ("choice", "Tea"),
    ("choice", "Café"),
    ("until", "week"),
    ("results", "always"),
];

async fn writes(person: &Person, fields: &[(&str, &str)]) -> Page {
    person.fill(WRITE, "Continue", fields).await
}

fn question(page: &Page) -> String {
    html::attribute(&page.body, "input[name=question]", "value").unwrap_or_default()
}

async fn polls(site: &Site) -> i64 {
    site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL")
        .await
}

#[tokio::test]
async fn a_poll_written_by_a_stranger_is_kept_through_sign_up_and_created_once() {
    for site in Site::on_each_database().await {
        let amy = site.visitor();
        writes(&amy, &POLL)
            .await
            .goes_to("/register?next=/polls/new");
        let rows = "SELECT COUNT(*) FROM session";
        assert_eq!((polls(&site).await, site.count(rows).await), (0, 0));
        signs_up(&amy, "amy", NEW).await;
        verifies(&site, &amy, NUMBER, NEW).await;
        let page = amy.get(NEW).await;
        page.says(200, BEFORE);
        assert_eq!(question(&page), "Tea or “coffee”?");
        page.says(200, "Both &amp; more");
        let choices = html::attributes(&page.body, "input[name=choice]", "value");
        assert_eq!(choices, ["Tea", "Café"]);
        let picked = html::attributes(&page.body, "input[checked]", "value");
        for expected in ["single", "week", "always", "yes"] {
            assert!(picked.iter().any(|value| value == expected), "{picked:?}");
        }

        let created = amy.fill(NEW, "Create poll", &POLL).await;
        assert_eq!(polls(&site).await, 1);
        amy.get(created.header("location"))
            .await
            .says(200, "Your poll is live");
        let page = amy.get(NEW).await;
        assert_eq!(question(&page), "");
        assert!(!page.body.contains(BEFORE));
    }
}

#[tokio::test]
async fn errors_are_named_before_anybody_signs_up_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let amy = site.visitor();
    let page = writes(
        &amy,
        &[("question", "Tea?"), ("choice", "Tea"), ("choice", "tea")],
    )
    .await;
    page.says(422, "This is the same as choice 1.");
    assert_eq!(question(&page), "Tea?");
    let page = writes(
        &amy,
        &[("question", "Tea?"), ("choice", "Tea"), ("change", "add")],
    )
    .await;
    page.says(200, "Choice 3");
    assert_eq!(amy.cookie("draft"), None);

    let long = "x".repeat(2_000);
    let fits = [&POLL[..1], &[("description", &long[..1_500])], &POLL[2..]].concat();
    writes(&amy, &fits)
        .await
        .goes_to("/register?next=/polls/new");
    let kept = amy.cookie("draft").unwrap();
    let line = "y".repeat(200);
    let choices: Vec<String> = (0..9)
        .map(|number| format!("{number}{}", &line[1..]))
        .collect();
    let choices = choices.iter().map(|choice| ("choice", &**choice));
    let too_long: Vec<_> = [("question", "Tea?"), ("description", &*long)]
        .into_iter()
        .chain(choices)
        .collect();
    let page = writes(&amy, &too_long).await;
    page.says(422, "This is too long to keep while you sign up.");
    page.says(422, &long);
    assert_eq!(amy.cookie("draft"), Some(kept), "the earlier one is kept");
}

#[tokio::test]
async fn a_kept_poll_ends_and_is_not_shown_to_another_person() {
    let site = Site::new().await;
    let amy = site.visitor();
    writes(&amy, &POLL)
        .await
        .goes_to("/register?next=/polls/new");
    let kept = amy.cookie("draft").unwrap();
    signs_up(&amy, "amy", NEW).await;
    verifies(&site, &amy, NUMBER, NEW).await;
    assert_eq!(question(&amy.get(NEW).await), "Tea or “coffee”?");

    // In another browser, and with a visit of its own.
    let ben = site.verified("ben", "+447700900124").await;
    ben.set_cookie("draft", &kept);
    assert_eq!(question(&ben.get(NEW).await), "");
    let eve = site.visitor();
    writes(&eve, &POLL)
        .await
        .goes_to("/register?next=/polls/new");
    eve.set_cookie("draft", &kept);
    signs_up(&eve, "eve", NEW).await;
    verifies(&site, &eve, "+447700900125", NEW).await;
    assert_eq!(question(&eve.get(NEW).await), "");

    for wrong in ["AAAA", "!", &kept[1..]] {
        amy.set_cookie("draft", wrong);
        assert_eq!(question(&amy.get(NEW).await), "", "{wrong}");
    }
    amy.set_cookie("draft", &kept);
    site.clock.advance(1_801);
    assert_eq!(question(&amy.get(NEW).await), "");
}

#[tokio::test]
async fn those_who_are_verified_write_on_the_page_that_creates() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    olga.get(&format!("{WRITE}?template=board"))
        .await
        .goes_to("/polls/new?template=board");
    let page = olga.get("/polls/new?template=board").await;
    assert_eq!(question(&page), "Who should be on the board?");
    let kinds = html::attributes(&page.body, "input[checked]", "value");
    assert!(
        kinds.contains(&"seats".to_owned()) && kinds.contains(&"week".to_owned()),
        "{kinds:?}"
    );
    let page = site
        .visitor()
        .get(&format!("{WRITE}?template=motion"))
        .await;
    let choices = html::attributes(&page.body, "input[name=choice]", "value");
    assert_eq!(choices, ["Yes", "No", "Abstain"]);
    let page = site
        .visitor()
        .get(&format!("{WRITE}?template=nonsense"))
        .await;
    page.says(200, "Create a poll");
}
