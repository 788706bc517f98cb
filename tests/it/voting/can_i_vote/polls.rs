//! What the page adds for one poll.

use pollstr::polls::model::kind::Kind;
use serde_json::json;

use crate::polls::create::{id, make};
use crate::support::app::Site;
use crate::support::html;
use crate::voting::ballots::asked;
use crate::voting::can_i_vote::{FRENCH, LANDLINE, MOBILE, PAGE, checks};

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
async fn the_practice_ballot_is_first_of_the_kind_that_the_poll_has() {
    let site = Site::new().await;
    let stranger = site.visitor();
    for (kind, tab) in [
        (Kind::Single, "One"),
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
