//! A fault while a code is sent or checked: a page in time, and no limit used up.

use futures::future::join_all;
use pollstr::platform::clock::Clock;
use pollstr::simulator::WireFault;

use crate::phone::provider_outages::{Provided, in_time};
use crate::phone::providers::{VENDORS, Vendor, nowhere};
use crate::support::app::{START_TIME, Site, until};

/// Faults that answer, and faults that never do: these take their five seconds.
const QUICK: [WireFault; 9] = [
    WireFault::Status500,
    WireFault::Status429,
    WireFault::Html,
    WireFault::RedirectElsewhere,
    WireFault::NumericStatus,
    WireFault::Throttled,
    WireFault::BadCredentials,
    WireFault::Truncated,
    WireFault::Huge,
];

const SLOW: [WireFault; 2] = [WireFault::Hang, WireFault::LostResponse];

/// Runs all faults of all providers, slow ones concurrently.
async fn each_fault(see: impl AsyncFn(Vendor, &[WireFault])) {
    for vendor in VENDORS {
        see(vendor, &QUICK).await;
    }
    join_all(VENDORS.iter().flat_map(|vendor| {
        SLOW.iter()
            .map(|fault| see(*vendor, std::slice::from_ref(fault)))
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_send_gives_a_page_and_counts_toward_no_limit() {
    each_fault(async |vendor, faults| {
        let provided = Provided::by(vendor).await;
        let amy = provided.site.registered("amy").await;
        for (n, fault) in faults.iter().enumerate() {
            provided.phones.set_fault(Some(*fault));
            // Some faults leave a code active at the provider, so each has its own number.
            let page = in_time(
                &amy,
                "/verify",
                "Send code",
                ("phone", &format!("+44740012345{n}")),
            )
            .await;
            page.says(503, "Please");
            assert_eq!(provided.used_up().await, (0, 0, 0), "{vendor:?} {fault:?}");
        }
        provided.phones.set_fault(None);
        amy.fill("/verify", "Send code", &[("phone", "+447400123460")])
            .await
            .goes_to("/verify/code");
        amy.fill("/verify/code", "Confirm", &[("code", &provided.code())])
            .await
            .goes_to("/account/recovery/offer");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_check_gives_a_page_verifies_no_one_and_costs_no_try() {
    each_fault(async |vendor, faults| {
        let provided = Provided::by(vendor).await;
        for (n, fault) in [WireFault::OtherRequestId].iter().chain(faults).enumerate() {
            let person = provided.site.registered(&format!("person{n}")).await;
            person
                .fill(
                    "/verify",
                    "Send code",
                    &[("phone", &format!("+4474001234{n:02}"))],
                )
                .await
                .goes_to("/verify/code");
            let (code, before) = (provided.code(), provided.used_up().await);
            provided.phones.set_fault(Some(*fault));
            in_time(&person, "/verify/code", "Confirm", ("code", &code))
                .await
                .says(503, "Please");
            provided.phones.set_fault(None);
            assert_eq!(provided.used_up().await, before, "{vendor:?} {fault:?}");
            person
                .get("/polls/x/vote")
                .await
                .goes_to("/verify?next=/polls/x/vote");
            person
                .get("/verify/code")
                .await
                .says(200, "You have 3 tries left.");
            let again = person
                .fill("/verify/code", "Confirm", &[("code", &code)])
                .await;
            // An approval whose response was lost is over and doesn't count.
            match fault {
                WireFault::Truncated | WireFault::Huge | WireFault::LostResponse => {
                    again.says(422, "no longer works");
                }
                _ => again.goes_to("/account/recovery/offer"),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_does_not_interrupt_sending_or_checking_a_code() {
    let provided = Provided::by(Vendor::Vonage).await;
    let (site, phones) = (&provided.site, &provided.phones);
    let amy = site.registered("amy").await;
    // Disconnects once the provider has been asked.
    let leave = async |path: &'static str,
                       button,
                       field: (&str, &str),
                       asked: &(dyn Fn() -> bool + Sync)| {
        let mut form = amy.form(path, button).await;
        form.push((field.0.to_owned(), field.1.to_owned()));
        let post = tokio::spawn({
            let amy = amy.clone();
            async move { amy.post(path, &form).await.status }
        });
        until(async || asked()).await;
        post.abort();
        assert!(
            post.await.unwrap_err().is_cancelled(),
            "it was still waiting"
        );
    };
    phones.set_fault(Some(WireFault::Slow));
    leave("/verify", "Send code", ("phone", "+447400123456"), &|| {
        phones.starts() == 1
    })
    .await;
    let named = "SELECT COUNT(*) FROM verification WHERE request_id IS NOT NULL";
    until(async || site.count(named).await == 1).await;
    leave(
        "/verify/code",
        "Confirm",
        ("code", &provided.code()),
        &|| phones.checks() == 1,
    )
    .await;
    until(async || {
        site.count("SELECT COUNT(*) FROM session WHERE number_mac IS NOT NULL")
            .await
            == 1
    })
    .await;
    assert_eq!(provided.used_up().await, (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_there_is_said_to_be_so() {
    for vendor in VENDORS {
        let address = nowhere();
        let site = Site::provided(Clock::manual(START_TIME), &vendor.settings(&address)).await;
        let amy = site.registered("amy").await;
        in_time(&amy, "/verify", "Send code", ("phone", "+447400123456"))
            .await
            .says(503, "did not answer");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM send").await,
            0,
            "{vendor:?}"
        );
        site.visitor().get("/").await.says(200, "Polls");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_code_that_cannot_be_sent_leaves_the_first_as_good_as_it_was() {
    for vendor in VENDORS {
        let provided = Provided::by(vendor).await;
        let amy = provided.site.registered("amy").await;
        amy.fill("/verify", "Send code", &[("phone", "+447400123456")])
            .await
            .goes_to("/verify/code");
        provided.site.clock.advance(30);
        // The last two took effect and would have cancelled it.
        for fault in &QUICK[..7] {
            provided.phones.set_fault(Some(*fault));
            in_time(&amy, "/verify/code", "Send a new code", ("channel", ""))
                .await
                .says(503, "Please");
            assert_eq!(provided.used_up().await, (1, 0, 0), "{vendor:?} {fault:?}");
        }
        provided.phones.set_fault(None);
        assert_eq!(provided.phones.messages().len(), 1, "{vendor:?}");
        amy.fill("/verify/code", "Confirm", &[("code", &provided.code())])
            .await
            .goes_to("/account/recovery/offer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_slow_twice_is_waited_for_no_longer_than_once() {
    let provided = Provided::by(Vendor::Vonage).await;
    let amy = provided.site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447400123456")])
        .await
        .goes_to("/verify/code");
    provided.site.clock.advance(30);
    // Sending another code cancels one and starts one.
    provided.phones.set_fault(Some(WireFault::Slow));
    in_time(&amy, "/verify/code", "Send a new code", ("channel", ""))
        .await
        .says(503, "did not answer");
    assert_eq!(provided.site.count("SELECT COUNT(*) FROM send").await, 1);
    // The old code was cancelled, and the page says so.
    provided.phones.set_fault(None);
    amy.get("/verify/code")
        .await
        .says(200, "That code no longer works.");
}
