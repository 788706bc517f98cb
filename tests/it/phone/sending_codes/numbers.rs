//! Which number a code goes to, and how the number is shown.

use reqwest::Method;
use serde_json::json;

use crate::phone::sending_codes::asks;
use crate::support::app::Site;

#[tokio::test]
async fn a_number_is_read_by_its_country_and_a_plus_wins() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let page = amy
        .send(
            amy.request(Method::GET, "/verify")
                .header("accept-language", "fr-CH,fr;q=0.9,en-GB;q=0.8"),
        )
        .await;
    page.says(200, "<option value=CH selected>Switzerland<");
    amy.fill("/verify", "Send code", &[("phone", "07700 900123")])
        .await
        .says(422, "Choose your country, or start with +");
    let page = amy
        .fill(
            "/verify",
            "Send code",
            &[("phone", "07700 90012"), ("country", "GB")],
        )
        .await;
    page.says(422, "<option value=GB selected>United Kingdom<");
    page.says(422, "value=\"07700 90012\"");
    amy.fill(
        "/verify",
        "Send code",
        &[("phone", "07700 900123"), ("country", "GB")],
    )
    .await
    .goes_to("/verify/code");
    assert_eq!(site.phones().messages()[0].to, "+447700900123");
    amy.get("/verify")
        .await
        .says(200, "<option value=GB selected>");
    let ben = site.registered("ben").await;
    ben.fill(
        "/verify",
        "Send code",
        &[("phone", "0033 6 39 98 12 34"), ("country", "GB")],
    )
    .await
    .goes_to("/verify/code");
    assert_eq!(site.phones().messages()[0].to, "+33639981234");
}

#[tokio::test]
async fn a_number_is_shown_as_it_is_understood_before_anything_is_sent() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    let shown = |phone: &'static str, country: &'static str| {
        amy.call("show_number", json!({ "phone": phone, "country": country }))
    };
    shown("07700900123", "GB")
        .await
        .says(200, "We'll text +44\u{a0}7700\u{a0}900123, United Kingdom.");
    shown("+442079460999", "").await.says(
        200,
        "That's a landline, so we'll call +44\u{a0}20\u{a0}7946\u{a0}0999",
    );
    shown("+1 900 234 5678", "")
        .await
        .says(422, "This is a premium rate number.");
    shown("", "").await.says(422, "Enter your phone number.");
    // The same without scripts: the form returns with what was typed.
    let page = amy
        .fill(
            "/verify",
            "Send code",
            &[("phone", "07700900123"), ("country", "GB"), ("look", "yes")],
        )
        .await;
    page.says(200, "We'll text +44\u{a0}7700\u{a0}900123, United Kingdom.");
    page.says(200, "value=\"07700900123\"");
    assert_eq!(
        (
            site.phones().starts(),
            site.count("SELECT COUNT(*) FROM send").await
        ),
        (0, 0)
    );
    site.visitor()
        .call("show_number", json!({ "phone": "+447700900123" }))
        .await
        .says(401, "log in");
}

#[tokio::test]
async fn a_fixed_line_is_called_and_the_page_says_so() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    asks(&amy, "+44 20 7946 0999").await.goes_to("/verify/code");
    assert_eq!(
        site.phones().messages()[0].channel,
        pollstr::simulator::Channel::Voice
    );
    amy.get("/verify/code").await.says(200, "We are calling");
}

#[tokio::test]
async fn a_number_is_whole_while_its_code_is_good_and_masked_otherwise() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    asks(&amy, "+447700900123").await.goes_to("/verify/code");
    let page = amy.get("/verify/code").await;
    page.says(200, ">+44 7700 900123</strong>");
    page.says(200, "data-countdown=\"30\"");
    page.says(200, "data-countdown=\"300\"");
    site.clock.advance(300);
    let page = amy.get("/verify/code").await;
    page.says(200, ">+44 ···· ··23</strong>");
    assert!(!page.body.contains("900123"));
    let ben = site.verified("ben", "+447700900456").await.other_browser();
    ben.fill(
        "/login",
        "Log in",
        &[("username", "ben"), ("password", "four words and more")],
    )
    .await;
    site.clock.advance(30);
    ben.fill("/verify", "Send code", &[])
        .await
        .goes_to("/verify/code");
    let page = ben.get("/verify/code").await;
    page.says(200, ">+44 ···· ··56</strong>");
    assert!(!page.body.contains("900456") && !page.body.contains("Use another number"));
}
