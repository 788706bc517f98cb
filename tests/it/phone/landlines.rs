//! Messages for people with landlines, or without a phone.

use serde_json::json;

use crate::support::app::Site;
use crate::support::browser::Person;

const LANDLINE: &str = "+44 20 7946 0999";
const MOBILE: &str = "+447700900123";

fn has_button(page: &crate::support::browser::Page, button: &str) -> bool {
    page.body.contains(&format!(">{button}</button>"))
}

async fn asks(person: &Person, phone: &str) {
    person
        .fill("/verify", "Send code", &[("phone", phone)])
        .await
        .goes_to("/verify/code");
}

#[tokio::test]
async fn a_landline_is_called_again_and_nothing_speaks_of_texts() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    asks(&amy, LANDLINE).await;
    for dead in [false, true] {
        site.clock.advance(if dead { 300 } else { 30 });
        let page = amy.get("/verify/code").await;
        assert!(has_button(&page, "Call again"), "{}", page.body);
        for words in [
            "Send a new code",
            "Call me instead",
            "A text",
            "a text",
            "signal",
        ] {
            assert!(!page.body.contains(words), "{words}: {}", page.body);
        }
        let calls = site.phones().starts();
        amy.fill("/verify/code", "Call again", &[("channel", "call")])
            .await
            .goes_to("/verify/code");
        assert_eq!(
            (site.phones().starts(), site.phones().messages()[0].channel),
            (calls + 1, pollstr::simulator::Channel::Voice)
        );
    }
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
    // Nor does the next login.
    let elsewhere = amy.other_browser();
    elsewhere
        .fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", "four words and more")],
        )
        .await
        .goes_to("/verify");
    let page = elsewhere.get("/verify").await;
    page.says(200, "We'll call your number, ");
    assert!(has_button(&page, "Send code"));
}

#[tokio::test]
async fn after_a_call_to_a_mobile_each_button_says_what_will_happen() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    asks(&amy, MOBILE).await;
    let texted = amy.get("/verify/code").await;
    assert!(
        has_button(&texted, "Send a new code")
            && has_button(&texted, "Call me instead")
            && !has_button(&texted, "Call again")
    );
    site.clock.advance(30);
    amy.fill("/verify/code", "Call me instead", &[("channel", "call")])
        .await
        .goes_to("/verify/code");
    let called = amy.get("/verify/code").await;
    assert!(
        has_button(&called, "Call again")
            && has_button(&called, "Send a new code")
            && !has_button(&called, "Call me instead")
    );
    called.says(200, "“Send a new code” sends a text");
    site.clock.advance(30);
    amy.fill("/verify/code", "Call again", &[("channel", "call")])
        .await
        .goes_to("/verify/code");
    assert_eq!(
        site.phones().messages()[0].channel,
        pollstr::simulator::Channel::Voice
    );
    // Three an hour is the limit.
    site.clock.advance(3_600);
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .goes_to("/verify/code");
    assert_eq!(
        site.phones().messages()[0].channel,
        pollstr::simulator::Channel::Sms
    );
}

#[tokio::test]
async fn what_a_vote_takes_is_said_before_registering_and_what_there_is_without_a_phone() {
    for settings in [&[][..], &[("POLLSTR_MOBILE_ONLY", "on")]] {
        let site = Site::with(settings).await;
        for page in ["/register", "/login"] {
            let page = site.visitor().get(page).await;
            page.says(200, "about a minute");
            page.says(
                200,
                if settings.is_empty() {
                    "texts or calls"
                } else {
                    "a mobile phone"
                },
            );
            page.says(200, "No phone?");
            page.says(200, "Ask the poll's organiser");
        }
        let vote = json!({ "poll": "x", "choice": "1" });
        assert_eq!(site.visitor().call("cast_vote", vote).await.status, 401);
    }
}
