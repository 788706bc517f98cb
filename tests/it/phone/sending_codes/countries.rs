//! Which countries get codes, and when one is paused.

use pollstr::accounts::limits::sends::status::Status;
use pollstr::simulator::WireFault;
use serde_json::json;

use crate::phone::sending_codes::{HOUR, MINUTE, ask_at_once, asks, past_sends, people, wait};
use crate::support::app::Site;

#[tokio::test]
async fn codes_go_to_the_countries_that_are_named_and_the_refusal_names_the_other() {
    let site = Site::with(&[("POLLSTR_COUNTRIES", "GB, IE")]).await;
    let amy = site.registered("amy").await;
    asks(&amy, "+33 6 39 98 12 34")
        .await
        .says(422, "This site doesn't send codes to numbers from France.");
    let page = amy.get("/verify").await;
    assert_eq!(page.body.matches("<option").count(), 3);
    page.says(200, "<option value=IE>Ireland<");
    amy.call("show_number", json!({ "phone": "+33639981234" }))
        .await
        .says(422, "France");
    assert_eq!(site.phones().starts(), 0);
    asks(&amy, "+447700900123").await.goes_to("/verify/code");
}

#[tokio::test]
async fn a_country_that_there_is_not_stops_the_start() {
    let site = Site::new().await;
    for (setting, value) in [("POLLSTR_COUNTRIES", "UK"), ("POLLSTR_PRICES", "UK=0.1")] {
        let config = pollstr::platform::config::Config::from_sources("", |name| {
            (name == setting).then(|| value.to_owned())
        })
        .unwrap();
        let ceilings = config.ceilings;
        let config = pollstr::platform::config::Config {
            ceilings,
            ..(*site.state.config).clone()
        };
        let error = pollstr::server::startup::start(config, site.clock.clone())
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("{setting}: UK is not a country")),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_whose_codes_are_hardly_ever_typed_is_paused_and_probed() {
    for site in Site::on_each_database().await {
        let amy = site.verified("amy", "+447700900999").await;
        let people = people(&site, 12).await;
        site.clock.advance(2 * HOUR);
        // Of the last 50 finished codes, 10 typed ones are enough.
        let now = site.clock.now();
        past_sends(&site, 40, now - 600, "past", "NULL").await;
        past_sends(&site, 9, now - 600, "past", "'confirmed'").await;
        asks(&people[0], "+447700900100")
            .await
            .goes_to("/verify/code");
        // Amy's own falls out of the 50; an active code and replaced ones don't count.
        past_sends(&site, 1, now - 600, "past", "NULL").await;
        past_sends(&site, 5, now - 600, "past", "'replaced'").await;
        let page = asks(&people[1], "+447700900101").await;
        page.says(429, "Codes to new numbers from United Kingdom rarely arrive at the moment, so we've paused them.");
        assert_eq!(wait(&page), 15 * MINUTE);
        // Other countries and verified numbers still get codes.
        asks(&people[2], "+1 212 555 0100")
            .await
            .goes_to("/verify/code");
        let elsewhere = amy.other_browser();
        elsewhere
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words and more")],
            )
            .await;
        elsewhere
            .fill("/verify", "Send code", &[])
            .await
            .goes_to("/verify/code");
        site.clock.advance(15 * MINUTE - 1);
        assert_eq!(wait(&asks(&people[1], "+447700900101").await), 1);
        // Then a single probe now and then, chosen at random.
        let mut through = 0;
        site.clock.advance(1);
        for _ in 0..60 {
            through = ask_at_once(&people[3..10], 103).await;
            assert!(through <= 1, "{through}");
            if through == 1 {
                break;
            }
            site.clock.advance(MINUTE);
        }
        assert_eq!(through, 1, "within an hour");
        let page = asks(&people[10], "+447700900110").await;
        page.says(429, "We still send a few, at random.");
        assert!((1..=15 * MINUTE).contains(&wait(&page)));
        let status = Status::read(
            &site.state.db,
            &site.state.config.ceilings,
            site.clock.now(),
        )
        .await
        .unwrap();
        assert_eq!(status.paused.len(), 1);
        assert!(
            status
                .to_string()
                .contains("Paused for new numbers: United Kingdom since"),
            "{status}"
        );
        // A probe that the provider didn't send is inconclusive: the next may go in the same
        // minute, and as the only candidate it is chosen.
        site.clock.advance(40 * MINUTE);
        site.phones().set_fault(Some(WireFault::Status500));
        asks(&people[1], "+447700900101")
            .await
            .says(503, "Please wait a moment");
        site.phones().set_fault(None);
        asks(&people[1], "+447700900101")
            .await
            .goes_to("/verify/code");
        // Codes are being typed again.
        past_sends(&site, 20, site.clock.now() - 600, "past", "'confirmed'").await;
        assert_eq!(ask_at_once(&people[11..12], 111).await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM circuit_breaker WHERE since > 0")
                .await,
            0
        );
    }
}
