//! What strangers learn about a number.

use serde_json::json;

use crate::polls::create::id;
use crate::support::app::Site;
use crate::support::html;
use crate::voting::ballots::asked;
use crate::voting::can_i_vote::{FRENCH, LANDLINE, MOBILE, PAGE, checks, rows};

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
