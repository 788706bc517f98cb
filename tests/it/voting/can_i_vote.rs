//! The page where people find out whether they can vote: it answers without an account, and stores
//! and sends nothing.

use pollstr::polls::model::kind::Kind;
use serde_json::json;

use crate::polls::create::{id, make};
use crate::support::app::Site;
use crate::support::browser::{Page, Person};
use crate::support::html;
use crate::voting::ballots::asked;

const PAGE: &str = "/can-i-vote";
const MOBILE: &str = "+447700900123";
const LANDLINE: &str = "+44 1632 960123";
const FRENCH: &str = "+33 6 39 98 12 34";
/// A page without styles, scripts and pictures, compressed.
const MOST_BYTES: usize = 9_000;

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
async fn a_stranger_learns_what_a_number_is_and_nothing_is_stored_or_sent() {
    for site in Site::on_each_database().await {
        let (stranger, before) = (site.visitor(), rows(&site).await);
        let text = "You'd get your code by text, or by call if you like. It can vote here, unless";
        for (typed, found, way) in [
            (
                "07700 900123",
                "+44 7700 900123 is a mobile number (United Kingdom).",
                text,
            ),
            (
                "+44 7700 900123",
                "+44 7700 900123 is a mobile number (United Kingdom).",
                text,
            ),
            (
                LANDLINE,
                "+44 1632 960123 is a landline (United Kingdom).",
                "You'd get your code by call.",
            ),
            (
                "+1 650 253 0000",
                "is a mobile number or a landline (United States).",
                "if it's a landline, by call.",
            ),
        ] {
            let page = checks(&stranger, PAGE, typed).await;
            let answer = html::text(&page.body, "#number [role=alert]").replace('\u{a0}', " ");
            assert_eq!(page.status, 200, "{answer}");
            assert!(answer.contains(found) && answer.contains(way), "{answer}");
        }
        for (typed, why) in [
            ("", "Enter your phone number."),
            ("0909 879 0000", "This is a premium rate number."),
            (
                "+881 6 1234 5678",
                "This number is on a satellite or global network",
            ),
        ] {
            checks(&stranger, PAGE, typed).await.says(422, why);
        }
        assert_eq!(site.phones().messages().len(), 0);
        assert_eq!(rows(&site).await, before);
        assert_eq!(stranger.cookie("session"), None);
    }
}

#[tokio::test]
async fn a_number_gets_the_same_answer_with_and_without_an_account() {
    for site in Site::on_each_database().await {
        let stranger = site.visitor();
        let answer = async |page: &str| {
            let page = checks(&stranger, page, MOBILE).await;
            (page.status, html::text(&page.body, "#number [role=alert]"))
        };
        let poll = asked(&site, |_| ()).await;
        let about = format!("{PAGE}?poll={}", id(&poll));
        let before = (answer(PAGE).await, answer(&about).await);
        let amy = site.verified("amy", MOBILE).await;
        amy.fill(&poll, "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        assert_eq!((answer(PAGE).await, answer(&about).await), before);
    }
}

#[tokio::test]
async fn a_number_from_a_country_that_gets_no_codes_is_told_so() {
    let site = Site::with(&[("POLLSTR_COUNTRIES", "GB, +8816")]).await;
    let stranger = site.visitor();
    let page = stranger.get(PAGE).await;
    let offered = html::attributes(&page.body, "#country option", "value");
    assert!(offered.contains(&"FR".to_owned()), "it can be typed");
    checks(&stranger, PAGE, FRENCH)
        .await
        .says(422, "This site doesn't send codes to numbers from France.");
    checks(&stranger, PAGE, MOBILE).await.says(200, "by text");
    // The operator has listed this network.
    checks(&stranger, PAGE, "+881 6 1234 5678")
        .await
        .says(200, "is a number on a satellite or global network.");
}

#[tokio::test]
async fn a_poll_that_is_not_open_yet_leads_here_and_adds_its_own_rules() {
    for site in Site::on_each_database().await {
        let (olga, stranger) = (site.verified("olga", MOBILE).await, site.visitor());
        let rules = json!({ "countries": "+44", "mobile_only": "yes", "per_account": "yes",
            "opens": "2026-12-24T18:00", "zone": "UTC" });
        let poll = make(&olga, rules).await;
        let page = html::attribute(
            &stranger.get(&poll).await.body,
            "a[href^='/can-i-vote']",
            "href",
        );
        let page = page.unwrap();
        assert_eq!(page, format!("{PAGE}?poll={}", id(&poll)));
        let about = stranger.get(&page).await;
        for rule in [
            "To vote in “Tea or coffee?”",
            "Voting begins on ",
            "Only mobile numbers can vote in this poll.",
            "Only phone numbers starting with +44 can vote in this poll.",
            "Each account gets one vote here, too.",
        ] {
            about.says(200, rule);
        }
        for (typed, why) in [
            (
                LANDLINE,
                "is a landline (United Kingdom). Only mobile numbers can vote in this poll.",
            ),
            (
                FRENCH,
                "is a mobile number (France). Only phone numbers starting with +44",
            ),
        ] {
            checks(&stranger, &page, typed).await.says(422, why);
            checks(&stranger, PAGE, typed)
                .await
                .says(200, "It can vote here");
        }
        let fits = checks(&stranger, &page, MOBILE).await;
        let answer = html::text(&fits.body, "#number [role=alert]");
        assert!(
            answer.contains("It can vote in “\u{2068}Tea or coffee?\u{2069}”."),
            "{answer}"
        );
        // An open poll has a ballot, and what a stranger must not see adds nothing.
        let open = make(&olga, json!({})).await;
        assert!(!stranger.get(&open).await.body.contains("/can-i-vote"));
        let draft = make(&olga, json!({ "save": "draft" })).await;
        for id in [id(&draft), "nosuchpoll".to_owned(), "%00".to_owned()] {
            let page = stranger.get(&format!("{PAGE}?poll={id}")).await;
            page.says(200, "Can I vote?");
            assert!(!page.body.contains("To vote in"), "{}", page.body);
        }
    }
}

#[tokio::test]
async fn on_a_site_for_mobile_numbers_a_landline_learns_that_it_cannot_vote() {
    let site = Site::with(&[("POLLSTR_MOBILE_ONLY", "on")]).await;
    let (stranger, poll) = (site.visitor(), site.poll().await);
    checks(&stranger, PAGE, LANDLINE)
        .await
        .says(422, "Only mobile numbers can vote on this site.");
    checks(&stranger, &format!("{PAGE}?poll={}", id(&poll)), LANDLINE)
        .await
        .says(422, "Only mobile numbers can vote in this poll.");
    checks(&stranger, PAGE, MOBILE).await.says(200, "by text");
}

#[tokio::test]
async fn a_network_that_has_checked_a_hundred_numbers_waits_and_others_do_not() {
    let site = Site::new().await;
    let (stranger, other, before) = (site.visitor(), site.visitor(), rows(&site).await);
    let mut form = stranger.form(PAGE, "Check number").await;
    form.push(("phone".to_owned(), MOBILE.to_owned()));
    for _ in 0..100 {
        stranger.post(PAGE, &form).await.says(200, "by text");
    }
    let refused = stranger.post(PAGE, &form).await;
    refused.says(
        429,
        "Too many numbers checked from your network. Please try again in 10 minutes.",
    );
    assert_eq!(refused.header("retry-after"), "600");
    let call = json!({ "phone": MOBILE });
    assert_eq!(
        stranger.call("check_number", call.clone()).await.status,
        429
    );
    assert_eq!(other.call("check_number", call).await.status, 200);
    site.clock.advance(600);
    stranger.post(PAGE, &form).await.says(200, "by text");
    assert_eq!(rows(&site).await, before);
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
async fn a_practice_ballot_of_each_kind_says_what_would_have_counted_and_counts_nothing() {
    for site in Site::on_each_database().await {
        let (stranger, before) = (site.visitor(), rows(&site).await);
        let tries = async |kind: &str, fields: &[(&str, &str)]| {
            let page = format!("{PAGE}?ballot={kind}");
            stranger.fill(&page, "Try this ballot", fields).await
        };
        for (kind, fields, counted) in [
            ("one", vec![("choice", "1")], "“A ball”"),
            (
                "several",
                vec![("choice", "4"), ("choice", "2")],
                "“A blanket” and “Water”",
            ),
            (
                "ranked",
                vec![("place_3", "1"), ("place_1", "2"), ("place_2", "")],
                "1. “Biscuits”, 2. “A ball”",
            ),
            (
                "rated",
                vec![("rate_1", "5"), ("rate_4", "0")],
                "“A ball” 5, “A blanket” 0, “Biscuits” 0, “Water” 0",
            ),
        ] {
            let page = tries(kind, &fields).await;
            let answer = html::text(&page.body, "#practice [role=alert]");
            let answer = answer.replace(['\u{2068}', '\u{2069}'], "");
            assert_eq!(
                answer,
                format!("Your practice ballot: {counted}. Nothing was stored.")
            );
            assert_eq!(page.status, 200);
            let here = html::text(&page.body, ".tabs [aria-current]").to_lowercase();
            assert!(here.starts_with(kind), "{here}");
        }
        for (kind, fields, why) in [
            ("one", vec![], "You didn't select a choice."),
            (
                "one",
                vec![("choice", "5")],
                "That choice isn't in this poll.",
            ),
            (
                "several",
                vec![("choice", "1"), ("choice", "2"), ("choice", "3")],
                "Select at most 2 choices.",
            ),
            (
                "ranked",
                vec![("place_3", "1"), ("place_1", "1")],
                "Two choices have the same rank. Give each its own:",
            ),
            ("rated", vec![], "You didn't rate a choice."),
            ("rated", vec![("rate_2", "6")], "Give this choice 0 to 5."),
        ] {
            tries(kind, &fields).await.says(422, why);
        }
        assert_eq!(rows(&site).await, before);
    }
}

#[tokio::test]
async fn the_practice_ballot_is_first_of_the_kind_that_the_poll_has() {
    let site = Site::new().await;
    let stranger = site.visitor();
    for (kind, tab) in [
        (Kind::Single, "One choice"),
        (Kind::Multiple { most: 3 }, "Several"),
        (Kind::Pairs, "Ranked"),
        (Kind::Star, "Rated"),
    ] {
        let poll = asked(&site, |draft| draft.kind = kind).await;
        let page = stranger.get(&format!("{PAGE}?poll={}", id(&poll))).await;
        assert_eq!(html::text(&page.body, ".tabs [aria-current]"), tab);
        // The other tabs keep the poll.
        for path in html::attributes(&page.body, ".tabs a", "href") {
            assert!(
                path.contains(&format!("&poll={}#practice", id(&poll))),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn the_page_is_light_and_the_pages_to_log_in_and_sign_up_lead_to_it() {
    let site = Site::new().await;
    let stranger = site.visitor();
    for page in ["/login", "/register"] {
        stranger.get(page).await.says(200, "href=\"/can-i-vote\"");
    }
    let request = stranger.request(reqwest::Method::GET, PAGE);
    let request = request
        .header("accept", "text/html")
        .header("accept-encoding", "gzip");
    let bytes = request.send().await.unwrap().bytes().await.unwrap().len();
    assert!((1_000..MOST_BYTES).contains(&bytes), "{bytes}");
}
