//! Recovery codes are offered once a code was right, until the account has some or its owner says
//! "Not now".

use crate::accounts::second_factors::{NUMBER, codes_on, logs_in, makes_codes};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::Person;
use crate::support::html;

const OFFER: &str = "/account/recovery/offer";
const YEAR: i64 = 365 * 24 * 3_600;

/// Enters a code on the way to `next`, and checks where that leads.
async fn enters_code(site: &Site, person: &Person, next: &str, to: &str) {
    let at = |page: &str| {
        if next == "/" {
            page.to_owned()
        } else {
            format!("{page}?next={next}")
        }
    };
    person
        .fill(&at("/verify"), "Send code", &[("phone", NUMBER)])
        .await
        .goes_to(&at("/verify/code"));
    person
        .fill(&at("/verify/code"), "Confirm", &[("code", &site.code())])
        .await
        .goes_to(to);
}

/// Logs in again in another browser, when the account's limits allow another code.
async fn later(site: &Site, person: &Person) -> Person {
    site.clock.advance(600);
    logs_in(person, "amy").await
}

#[tokio::test]
async fn recovery_codes_are_offered_after_a_code_until_the_owner_says_not_now() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let offer = &format!("{OFFER}?next=/account");
        enters_code(&site, &amy, "/account", offer).await;
        let page = amy.get(offer).await;
        page.says(200, "Thanks, your number is verified.");
        page.says(200, "In case you lose your phone");
        // Unanswered, it is made again.
        let elsewhere = later(&site, &amy).await;
        enters_code(&site, &elsewhere, "/", OFFER).await;
        let stale = elsewhere.form(OFFER, "Not now").await;
        amy.fill(offer, "Not now", &[]).await.goes_to("/account");
        elsewhere.post(OFFER, &stale).await.goes_to("/");
        amy.get("/account")
            .await
            .says(200, "You put off creating recovery codes");
        let answers = "SELECT COUNT(*) FROM audit_event WHERE kind = 'recovery codes put off'";
        assert_eq!(site.count(answers).await, 1);
        enters_code(&site, &later(&site, &amy).await, "/", "/").await;
        amy.get(offer).await.goes_to("/account");
        amy.get(OFFER).await.goes_to("/");
        // The answer is forgotten after a year, as all that happened.
        pollstr::accounts::audit::forget(&site.state.db, START_TIME + YEAR + 3_600)
            .await
            .unwrap();
        enters_code(&site, &later(&site, &amy).await, "/", OFFER).await;
    }
}

#[tokio::test]
async fn the_offered_codes_are_shown_and_lead_on_to_the_page_that_was_wanted() {
    for site in Site::on_each_database().await {
        let amy = site.registered("amy").await;
        let (offer, shown) = (
            &format!("{OFFER}?next=/account/polls"),
            "/account/recovery?next=/account/polls",
        );
        enters_code(&site, &amy, "/account/polls", offer).await;
        amy.fill(offer, "Create recovery codes", &[])
            .await
            .goes_to(shown);
        let page = amy.get(shown).await.body;
        assert_eq!(codes_on(&page).len(), 10);
        let next = html::attribute(&page, "a.primary", "href");
        assert_eq!(next.as_deref(), Some("/account/polls"));
        enters_code(&site, &later(&site, &amy).await, "/", "/").await;
        amy.get(offer).await.goes_to("/account/polls");
    }
}

#[tokio::test]
async fn no_offer_is_made_on_the_way_to_a_poll_or_to_the_codes() {
    for site in Site::on_each_database().await {
        let (amy, poll) = (site.registered("amy").await, site.poll().await);
        let ballot = &format!("{poll}/vote");
        enters_code(&site, &amy, ballot, ballot).await;
        let page = amy.get(ballot).await;
        page.says(200, "Thanks, your number is verified.");
        assert!(!page.body.contains("ecovery"), "{}", page.body);
        amy.fill(ballot, "Vote", &[("choice", "1")])
            .await
            .goes_to(&format!("{poll}/results"));
        let page = amy.get(&format!("{poll}/results")).await;
        assert!(!page.body.contains("ecovery"), "{}", page.body);
        for next in [poll.as_str(), "/account/recovery"] {
            enters_code(&site, &later(&site, &amy).await, next, next).await;
        }
        // It waits for a login that leads elsewhere.
        let elsewhere = later(&site, &amy).await;
        enters_code(&site, &elsewhere, "/", OFFER).await;
        makes_codes(&elsewhere).await;
        elsewhere.get(OFFER).await.goes_to("/");
    }
}

#[tokio::test]
async fn the_demos_account_gets_no_offer() {
    for site in Site::on_each_database().await {
        let test = site.visitor();
        test.fill(
            "/login",
            "Log in",
            &[("username", "test"), ("password", "test1234")],
        )
        .await
        .goes_to("/verify");
        enters_code(&site, &test, "/", "/").await;
        test.get(OFFER).await.goes_to("/");
    }
}
