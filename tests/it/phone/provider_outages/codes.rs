//! Codes of each provider: their lifetime, lost ids, and codes that others wait for.

use pollstr::simulator::{Channel, WireFault};
use pollstr::verification::CANCEL_LINGER;

use crate::phone::provider_outages::Provided;
use crate::phone::providers::{VENDORS, Vendor};

#[tokio::test(flavor = "multi_thread")]
async fn each_provider_proves_a_number_and_sends_another_code_when_asked() {
    for vendor in VENDORS {
        let provided = Provided::by(vendor).await;
        let (site, phones) = (&provided.site, &provided.phones);
        let amy = site.registered("amy").await;
        amy.fill("/verify", "Send code", &[("phone", "+44 7400 123456")])
            .await
            .goes_to("/verify/code");
        let first = provided.code();
        site.clock.advance(30);
        if vendor == Vendor::VonageV2 {
            // The cancelled one blocks for a moment.
            let page = amy
                .fill("/verify/code", "Call me instead", &[("channel", "call")])
                .await;
            page.says(429, "Your last code no longer works.");
            assert_eq!(page.header("retry-after"), CANCEL_LINGER.to_string());
            site.clock.advance(CANCEL_LINGER);
        }
        amy.fill("/verify/code", "Call me instead", &[("channel", "call")])
            .await
            .goes_to("/verify/code");
        assert_eq!(
            (phones.messages().len(), phones.messages()[0].channel),
            (2, Channel::Voice),
            "{vendor:?}"
        );
        if first != provided.code() {
            amy.fill("/verify/code", "Confirm", &[("code", &first)])
                .await
                .says(422, "2 tries left");
        }
        amy.fill("/verify/code", "Confirm", &[("code", &provided.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_as_long_as_its_provider_says() {
    for (vendor, life) in [
        (Vendor::Vonage, 300),
        (Vendor::VonageV2, 300),
        (Vendor::Twilio, 600),
    ] {
        let provided = Provided::by(vendor).await;
        for (name, number, age) in [
            ("amy", "+447400123456", life - 1),
            ("ben", "+447400123457", life),
        ] {
            let person = provided.site.registered(name).await;
            person
                .fill("/verify", "Send code", &[("phone", number)])
                .await
                .goes_to("/verify/code");
            let form = [
                person.form("/verify/code", "Confirm").await,
                vec![("code".to_owned(), provided.code())],
            ]
            .concat();
            provided.site.clock.advance(age);
            let page = person.post("/verify/code", &form).await;
            if age < life {
                page.goes_to("/account/recovery/offer");
            } else {
                page.says(422, "no longer works");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_whose_id_was_lost_blocks_the_next_one_only_briefly() {
    for (vendor, waits) in [
        (Vendor::Vonage, vec![30]),
        (Vendor::VonageV2, vec![CANCEL_LINGER]),
        (Vendor::Twilio, vec![]),
    ] {
        let provided = Provided::by(vendor).await;
        let amy = provided.site.registered("amy").await;
        provided.phones.set_fault(Some(WireFault::Truncated));
        amy.fill("/verify", "Send code", &[("phone", "+447400123456")])
            .await
            .says(503, "Please");
        provided.phones.set_fault(None);
        for wait in waits {
            let page = amy
                .fill("/verify", "Send code", &[("phone", "+447400123456")])
                .await;
            page.says(
                429,
                if vendor == Vendor::Vonage {
                    "We've reached our limit for codes for now."
                } else {
                    "Your last code no longer works."
                },
            );
            assert_eq!(page.header("retry-after"), wait.to_string(), "{vendor:?}");
            provided.site.clock.advance(wait);
        }
        amy.fill("/verify", "Send code", &[("phone", "+447400123456")])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &provided.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_somebody_else_waits_for_is_left_to_them() {
    for vendor in VENDORS {
        let provided = Provided::by(vendor).await;
        let (site, number) = (&provided.site, ("phone", "+447400123456"));
        let amy = site.registered("amy").await;
        amy.fill("/verify", "Send code", &[number])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &provided.code())])
            .await
            .goes_to("/account/recovery/offer");
        site.clock.advance(3_700);
        let ben = site.registered("ben").await;
        ben.fill("/verify", "Send code", &[number])
            .await
            .goes_to("/verify/code");
        let before = site.count("SELECT COUNT(*) FROM send").await;
        let elsewhere = amy.other_browser();
        elsewhere
            .fill(
                "/login",
                "Log in",
                &[("username", "amy"), ("password", "four words and more")],
            )
            .await
            .goes_to("/verify");
        let page = elsewhere.fill("/verify", "Send code", &[]).await;
        page.says(429, "We've reached our limit for codes for now.");
        let paid = i64::from(vendor == Vendor::Twilio);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM send").await,
            before + paid,
            "{vendor:?}: what was sent again counts"
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM verification").await,
            1,
            "{vendor:?}: its name is ben's alone"
        );
        ben.fill("/verify/code", "Confirm", &[("code", &provided.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}
