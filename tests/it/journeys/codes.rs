//! Codes: wrong and expired ones, provider failures, and how often they are sent.

use pollstr::simulator::WireFault;

use crate::support::app::Site;

#[tokio::test]
async fn a_wrong_code_says_how_many_tries_are_left_and_a_dead_one_offers_another() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    let right = site.code();
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    amy.fill("/verify/code", "Confirm", &[("code", "12345")])
        .await
        .says(422, "Enter the 6-digit code.");
    amy.fill("/verify/code", "Confirm", &[("code", wrong)])
        .await
        .says(422, "That code is not right. You have 2 tries left.");
    amy.fill("/verify/code", "Confirm", &[("code", wrong)])
        .await
        .says(422, "You have 1 try left.");
    amy.fill("/verify/code", "Confirm", &[("code", wrong)])
        .await
        .says(422, "no longer works");
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .says(429, "You can ask for another in 30 seconds.");
    site.clock.advance(29);
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .says(429, "You can ask for another in a moment.");
    site.clock.advance(1);
    amy.fill("/verify/code", "Send a new code", &[])
        .await
        .goes_to("/verify/code");
    assert_ne!(site.phones().messages().len(), 1);
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
}

#[tokio::test]
async fn a_code_dies_at_its_last_second() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    let form = amy.form("/verify/code", "Confirm").await;
    let with_code = [form, vec![("code".to_owned(), site.code())]].concat();
    site.clock.advance(300);
    amy.post("/verify/code", &with_code)
        .await
        .says(422, "no longer works");
}

#[tokio::test]
async fn a_failing_provider_verifies_no_one_and_counts_toward_no_limit() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for fault in [
        WireFault::Status500,
        WireFault::Html,
        WireFault::RedirectElsewhere,
        WireFault::NumericStatus,
        WireFault::BadCredentials,
    ] {
        site.phones().set_fault(Some(fault));
        let page = amy
            .fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await;
        assert_eq!(page.status, 503, "{fault:?}");
    }
    assert_eq!(site.count("SELECT COUNT(*) FROM send").await, 0);
    site.phones().set_fault(None);
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    for fault in [
        WireFault::Status500,
        WireFault::Html,
        WireFault::OtherRequestId,
        WireFault::NumericStatus,
        WireFault::Throttled,
    ] {
        site.phones().set_fault(Some(fault));
        let page = amy
            .fill("/verify/code", "Confirm", &[("code", &site.code())])
            .await;
        assert_eq!(page.status, 503, "{fault:?}");
    }
    site.phones().set_fault(None);
    amy.fill("/verify/code", "Confirm", &[("code", &site.code())])
        .await
        .goes_to("/account/recovery/offer");
}

#[tokio::test]
async fn a_code_whose_id_was_lost_is_not_taken_over() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    site.phones().set_fault(Some(WireFault::Truncated));
    let page = amy
        .fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await;
    assert_eq!(page.status, 503);
    site.phones().set_fault(None);
    let page = amy
        .fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await;
    page.says(429, "We've reached our limit for codes for now.");
    site.clock.advance(300);
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
}

#[tokio::test]
async fn a_number_gets_three_codes_and_the_next_after_the_wait() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    for _ in 0..3 {
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .goes_to("/verify/code");
        site.clock.advance(31);
    }
    let page = amy
        .fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await;
    page.says(429, "We've reached our limit for codes for now.");
    let wait: i64 = page.header("retry-after").parse().unwrap();
    site.clock.advance(wait - 1);
    assert_eq!(
        amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .status,
        429
    );
    site.clock.advance(1);
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    let ben = site.registered("ben").await;
    assert_eq!(
        ben.fill("/verify", "Send code", &[("phone", "+447700900123")])
            .await
            .status,
        429,
        "a number under way is not another's"
    );
}
