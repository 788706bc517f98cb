//! Provider outages seen through the whole site: pages in time, no wrong verification, nothing of a
//! person's limits used up.

use std::time::Duration;

use futures::future::join_all;
use pollstr::platform::clock::Clock;
use pollstr::simulator::{Channel, Simulator, WireFault};
use pollstr::verification::CANCEL_LINGER;

use crate::phone::providers::{VENDORS, Vendor, nowhere};
use crate::support::app::{START_TIME, Site, folder, program, until};
use crate::support::browser::{Page, Person};

/// A site that uses one of the providers, played by the simulator.
struct Provided {
    site: Site,
    phones: Simulator,
}

impl Provided {
    async fn by(vendor: Vendor) -> Self {
        let clock = Clock::manual(START_TIME);
        let phones = Simulator::new(clock.clone());
        let address = phones.listen().await.unwrap();
        Self {
            site: Site::provided(clock, &vendor.settings(&address)).await,
            phones,
        }
    }

    fn code(&self) -> String {
        self.phones.messages()[0].code.clone()
    }

    /// Returns how many messages, wrong codes and attempts are counted.
    async fn used_up(&self) -> (i64, i64, i64) {
        let wrong = "SELECT COUNT(*) FROM failure WHERE rule LIKE 'wrong code%'";
        let tries = "SELECT COALESCE(SUM(tries), 0) FROM verification";
        (
            self.site.count("SELECT COUNT(*) FROM send").await,
            self.site.count(wrong).await,
            self.site.count(tries).await,
        )
    }
}

/// Submits a form and expects a page within six seconds.
async fn in_time(person: &Person, path: &str, button: &str, field: (&str, &str)) -> Page {
    let mut form = person.form(path, button).await;
    form.push((field.0.to_owned(), field.1.to_owned()));
    tokio::time::timeout(Duration::from_secs(6), person.post(path, &form))
        .await
        .unwrap()
}

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
async fn a_send_that_fails_gives_a_page_and_counts_for_nothing() {
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
            .goes_to("/");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_fails_gives_a_page_verifies_nobody_and_costs_no_try() {
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
                _ => again.goes_to("/"),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_closes_the_page_while_a_code_is_sent_or_checked_cuts_nothing_in_half() {
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
            .goes_to("/");
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
            .goes_to("/");
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
                page.goes_to("/");
            } else {
                page.says(422, "no longer works");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_whose_name_was_lost_is_soon_out_of_the_way() {
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
            .goes_to("/");
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
            .goes_to("/");
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
            .goes_to("/");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_us_degrades_health_until_it_takes_us_again() {
    for vendor in VENDORS {
        let provided = Provided::by(vendor).await;
        let (site, number) = (&provided.site, ("phone", "+447400123456"));
        let health = async || {
            let page = site.visitor().get("/readyz").await;
            (page.status.as_u16(), page.body)
        };
        let amy = site.registered("amy").await;
        // A transient fault doesn't trigger it.
        provided.phones.set_fault(Some(WireFault::Status500));
        amy.fill("/verify", "Send code", &[number])
            .await
            .says(503, "Please");
        assert_eq!(health().await, (200, "ready".to_owned()), "{vendor:?}");
        provided.phones.set_fault(Some(WireFault::BadCredentials));
        amy.fill("/verify", "Send code", &[number])
            .await
            .says(503, "Codes aren't working at the moment.");
        let (status, said) = health().await;
        assert!(
            status == 200 && said.starts_with("degraded: no codes can be sent"),
            "{vendor:?} {said}"
        );
        // A malformed response doesn't clear it.
        provided.phones.set_fault(Some(WireFault::Status500));
        amy.fill("/verify", "Send code", &[number])
            .await
            .says(503, "Please");
        assert!(health().await.1.starts_with("degraded"), "{vendor:?}");
        provided.phones.set_fault(None);
        amy.fill("/verify", "Send code", &[number])
            .await
            .goes_to("/verify/code");
        assert_eq!(health().await, (200, "ready".to_owned()), "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_check_tells_whether_the_chosen_provider_lets_us_in() {
    for (vendor, named) in
        VENDORS
            .into_iter()
            .zip(["VONAGE_API_KEY", "VONAGE_API_KEY", "TWILIO_ACCOUNT_SID"])
    {
        let phones = Simulator::new(Clock::manual(START_TIME));
        let (address, nowhere) = (phones.listen().await.unwrap(), nowhere());
        let check = |address: &str| {
            let output = program(&folder())
                .arg("check")
                .envs(vendor.settings(address))
                .output()
                .unwrap();
            (
                output.status.success(),
                String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
            )
        };
        let name = named.split('_').next().unwrap().to_lowercase();
        let (right, said) = check(&address);
        assert!(
            right
                && said
                    .to_lowercase()
                    .contains(&format!("database, secret and {name} all check out")),
            "{said}"
        );
        phones.set_fault(Some(WireFault::BadCredentials));
        for (address, named) in [
            (address.as_str(), named),
            (&nowhere, "POLLSTR_VERIFY"),
            ("http://example.org", "POLLSTR_VERIFY_URL"),
        ] {
            let (right, said) = check(address);
            assert!(
                !right
                    && said.lines().count() == 1
                    && said.starts_with(&format!("pollstr: {named}")),
                "{said}"
            );
        }
        assert_eq!((phones.starts(), phones.messages().len()), (0, 0));
    }
}
