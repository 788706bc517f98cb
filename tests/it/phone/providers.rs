//! The same conversations through each provider's client, with the simulator at the other end of
//! real HTTP.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use pollstr::platform::clock::Clock;
use pollstr::simulator;
use pollstr::simulator::{Simulator, WireFault};
use pollstr::verification::{
    Cancel, Channel, Check, Fault, NumberRefusal, Provider, RequestId, Start,
};
use pollstr::verification::{Phone, Twilio, TwilioSettings, Vonage, VonageSettings, VonageV2};

use crate::support::app::{START_TIME, Site, free_address};

/// The provider whose protocol is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vendor {
    Vonage,
    VonageV2,
    Twilio,
}

pub(crate) const VENDORS: [Vendor; 3] = [Vendor::Vonage, Vendor::VonageV2, Vendor::Twilio];

const SERVICE: &str = "VA0123456789abcdef0123456789abcdef";

impl Vendor {
    fn client(self, base_url: &str) -> Arc<dyn Provider> {
        let base_url = base_url.to_owned();
        let vonage = |base_url| VonageSettings {
            base_url,
            api_key: "key".to_owned(),
            api_secret: "secret".to_owned(),
            brand: "Pollstr".to_owned(),
            sender_id: Some("Pollstr".to_owned()),
        };
        match self {
            Self::Vonage => Arc::new(Vonage::new(vonage(base_url)).unwrap()),
            Self::VonageV2 => Arc::new(VonageV2::new(vonage(base_url)).unwrap()),
            Self::Twilio => {
                let (account_sid, auth_token) = ("AC1".to_owned(), "token".to_owned());
                Arc::new(
                    Twilio::new(TwilioSettings {
                        base_url,
                        account_sid,
                        auth_token,
                        service: SERVICE.to_owned(),
                    })
                    .unwrap(),
                )
            }
        }
    }

    /// Returns the settings for this provider at this URL.
    pub(crate) fn settings(self, base_url: &str) -> Vec<(&'static str, &str)> {
        let vonage = [("VONAGE_API_KEY", "key"), ("VONAGE_API_SECRET", "secret")];
        let twilio = [
            ("TWILIO_ACCOUNT_SID", "AC1"),
            ("TWILIO_AUTH_TOKEN", "token"),
            ("TWILIO_VERIFY_SERVICE", SERVICE),
        ];
        let (name, more) = match self {
            Self::Vonage => ("vonage", &vonage[..]),
            Self::VonageV2 => ("vonage-v2", &vonage[..]),
            Self::Twilio => ("twilio", &twilio[..]),
        };
        [
            &[("POLLSTR_VERIFY", name), ("POLLSTR_VERIFY_URL", base_url)],
            more,
        ]
        .concat()
    }

    /// Returns an unknown request id in this provider's format.
    fn unknown_id(self) -> RequestId {
        RequestId::new(match self {
            Self::Vonage => "0".repeat(32),
            Self::VonageV2 => "00000000-0000-0000-0000-000000000000".to_owned(),
            Self::Twilio => format!("VE{}", "0".repeat(32)),
        })
    }

    /// Returns how many wrong codes the provider accepts.
    fn most_wrong(self) -> usize {
        if self == Self::Twilio { 5 } else { 3 }
    }
}

/// Returns an address without a listener.
pub(crate) fn nowhere() -> String {
    format!("http://{}", free_address())
}

struct World {
    vendor: Vendor,
    clock: Clock,
    phones: Simulator,
    provider: Arc<dyn Provider>,
}

impl World {
    async fn new(vendor: Vendor) -> Self {
        let clock = Clock::manual(START_TIME);
        let phones = Simulator::new(clock.clone());
        let provider = vendor.client(&phones.listen().await.unwrap());
        Self {
            vendor,
            clock,
            phones,
            provider,
        }
    }

    async fn each() -> Vec<Self> {
        join_all(VENDORS.map(Self::new)).await
    }

    async fn sent(&self) -> RequestId {
        match self.provider.start(&amy(), Channel::Sms).await {
            Start::Sent(id) => id,
            other => panic!("{:?}: {other:?}", self.vendor),
        }
    }

    fn code(&self) -> String {
        self.phones.messages()[0].code.clone()
    }

    fn wrong_code(&self) -> String {
        if self.code() == "000000" {
            "000001".to_owned()
        } else {
            "000000".to_owned()
        }
    }

    /// Sends all three requests, the start to another number, and expects answers in time.
    async fn ask_all(&self, id: &RequestId) -> (Start, Check, Cancel) {
        let (provider, ben, code) = (
            &self.provider,
            Phone::from_stored("+447700900999".to_owned()).unwrap(),
            self.code(),
        );
        let asked = async {
            tokio::join!(
                provider.start(&ben, Channel::Sms),
                provider.check(id, &code),
                provider.cancel(id)
            )
        };
        tokio::time::timeout(Duration::from_secs(6), asked)
            .await
            .unwrap()
    }
}

fn amy() -> Phone {
    Phone::from_stored("+447700900123".to_owned()).unwrap()
}

fn all(fault: Fault) -> (Start, Check, Cancel) {
    (
        Start::Fault(fault),
        Check::Fault(fault),
        Cancel::Fault(fault),
    )
}

#[tokio::test]
async fn the_code_that_arrives_is_the_code_that_is_right_once() {
    for world in World::each().await {
        let vendor = world.vendor;
        let id = world.sent().await;
        let (messages, code) = (world.phones.messages(), world.code());
        assert_eq!(
            (messages.len(), messages[0].channel, messages[0].to.as_str()),
            (1, simulator::Channel::Sms, "+447700900123")
        );
        assert!(
            code.len() == 6 && messages[0].text.contains(&format!("Pollstr code: {code}.")),
            "{vendor:?}"
        );
        assert_eq!(
            world.provider.check(&id, &world.wrong_code()).await,
            Check::Wrong,
            "{vendor:?}"
        );
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Approved,
            "{vendor:?}"
        );
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Gone,
            "{vendor:?}"
        );
        assert_eq!(world.provider.cancel(&id).await, Cancel::Gone, "{vendor:?}");
        assert_eq!(
            (world.phones.starts(), world.phones.checks()),
            (1, 3),
            "{vendor:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_code_is_told_apart_from_a_dead_one() {
    for world in World::each().await {
        let id = world.sent().await;
        let (right, wrong) = (world.code(), world.wrong_code());
        for _ in 0..world.vendor.most_wrong() {
            assert_eq!(
                world.provider.check(&id, &wrong).await,
                Check::Wrong,
                "{:?}",
                world.vendor
            );
        }
        assert_eq!(
            world.provider.check(&id, &right).await,
            Check::TooManyWrong,
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn what_nobody_has_is_gone_and_so_is_what_another_provider_named() {
    for world in World::each().await {
        for id in VENDORS.map(Vendor::unknown_id) {
            assert_eq!(
                world.provider.check(&id, "123456").await,
                Check::Gone,
                "{:?} {id:?}",
                world.vendor
            );
            assert_eq!(
                world.provider.cancel(&id).await,
                Cancel::Gone,
                "{:?} {id:?}",
                world.vendor
            );
        }
    }
}

#[tokio::test]
async fn one_start_is_one_message_and_expires_to_the_second() {
    for world in World::each().await {
        let life = world.provider.code_lifetime();
        let (early, code) = (world.sent().await, world.code());
        world.clock.advance(life - 1);
        assert_eq!(
            world.provider.check(&early, &code).await,
            Check::Approved,
            "{:?}",
            world.vendor
        );
        let (late, code) = (world.sent().await, world.code());
        world.clock.advance(life);
        assert_eq!(
            world.provider.check(&late, &code).await,
            Check::Gone,
            "{:?}",
            world.vendor
        );
        world.clock.advance(3_600);
        assert_eq!(
            world.phones.messages().len(),
            2,
            "{:?}: every message was asked for",
            world.vendor
        );
    }
}

#[tokio::test]
async fn a_call_instead_of_a_text_is_cancel_then_start() {
    for world in World::each().await {
        let (vendor, provider) = (world.vendor, &world.provider);
        let (id, text) = (world.sent().await, world.code());
        if vendor == Vendor::Vonage {
            world.clock.advance(29);
            assert_eq!(provider.cancel(&id).await, Cancel::NotNow);
            world.clock.advance(1);
        }
        assert_eq!(provider.cancel(&id).await, Cancel::Done, "{vendor:?}");
        assert_eq!(provider.cancel(&id).await, Cancel::Gone, "{vendor:?}");
        assert_eq!(provider.check(&id, &text).await, Check::Gone, "{vendor:?}");
        if vendor == Vendor::VonageV2 {
            assert_eq!(
                provider.start(&amy(), Channel::Voice).await,
                Start::Running(Some(id.clone())),
                "it lingers"
            );
            world.clock.advance(pollstr::verification::CANCEL_LINGER);
        }
        assert!(
            matches!(provider.start(&amy(), Channel::Voice).await, Start::Sent(new) if new != id),
            "{vendor:?}"
        );
        assert_eq!(
            world.phones.messages()[0].channel,
            simulator::Channel::Voice,
            "{vendor:?}"
        );
        assert_eq!(world.phones.messages().len(), 2, "{vendor:?}");
    }
}

#[tokio::test]
async fn a_second_start_on_a_number_is_never_a_start() {
    for world in World::each().await {
        let (id, code) = (world.sent().await, world.code());
        let second = world.provider.start(&amy(), Channel::Sms).await;
        if world.vendor == Vendor::Twilio {
            assert_eq!(
                (second, world.phones.messages().len()),
                (Start::Resent(id.clone()), 2)
            );
            assert_eq!(world.code(), code);
        } else {
            assert_eq!(
                (second, world.phones.messages().len()),
                (Start::Running(Some(id.clone())), 1),
                "{:?}",
                world.vendor
            );
        }
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Approved,
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn of_fifty_starts_at_once_on_one_number_one_is_a_start() {
    for world in World::each().await {
        let answers = join_all((0..50).map(|_| {
            let provider = Arc::clone(&world.provider);
            async move {
                tokio::spawn(async move { provider.start(&amy(), Channel::Sms).await })
                    .await
                    .unwrap()
            }
        }));
        let answers = answers.await;
        let of =
            |wanted: fn(&Start) -> bool| answers.iter().filter(|answer| wanted(answer)).count();
        let (sent, resent) = (
            of(|answer| matches!(answer, Start::Sent(_))),
            of(|answer| matches!(answer, Start::Resent(_))),
        );
        let running = of(|answer| matches!(answer, Start::Running(_)));
        let expected = if world.vendor == Vendor::Twilio {
            (1, 4, 45)
        } else {
            (1, 0, 49)
        };
        assert_eq!((sent, resent, running), expected, "{:?}", world.vendor);
        assert_eq!(
            (world.phones.messages().len(), world.phones.starts()),
            (sent + resent, 50),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn what_is_no_number_is_refused_as_one() {
    for world in World::each().await {
        let odd = Phone::from_stored("+44770".to_owned()).unwrap();
        assert_eq!(
            world.provider.start(&odd, Channel::Sms).await,
            Start::NumberRefused(NumberRefusal::Invalid),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn a_look_at_the_provider_sends_nothing_and_tells_a_stranger_from_a_customer() {
    for world in World::each().await {
        assert_eq!(world.provider.probe().await, Ok(()), "{:?}", world.vendor);
        world.phones.set_fault(Some(WireFault::BadCredentials));
        assert_eq!(
            world.provider.probe().await,
            Err(Fault::AccountAdmin),
            "{:?}",
            world.vendor
        );
        assert_eq!(
            (world.phones.starts(), world.phones.messages().len()),
            (0, 0),
            "{:?}",
            world.vendor
        );
        assert_eq!(
            world.vendor.client(&nowhere()).probe().await,
            Err(Fault::Unreachable),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn no_fault_is_taken_for_success_and_none_is_tried_again() {
    let quick = [
        (WireFault::Status500, Fault::Busy),
        (WireFault::Status429, Fault::Busy),
        (WireFault::Html, Fault::UnexpectedResponse),
        (WireFault::Truncated, Fault::UnexpectedResponse),
        (WireFault::Huge, Fault::UnexpectedResponse),
        (WireFault::RedirectElsewhere, Fault::UnexpectedResponse),
        (WireFault::NumericStatus, Fault::UnexpectedResponse),
        (WireFault::Throttled, Fault::Busy),
        (WireFault::BadCredentials, Fault::AccountAdmin),
    ];
    let see = async |vendor: Vendor, fault, seen_as| {
        let world = World::new(vendor).await;
        let id = world.sent().await;
        world.phones.set_fault(Some(fault));
        assert_eq!(
            world.ask_all(&id).await,
            all(seen_as),
            "{vendor:?} {fault:?}"
        );
        assert_eq!(
            (world.phones.starts(), world.phones.checks()),
            (2, 1),
            "{vendor:?} {fault:?} was tried again"
        );
        let acted = matches!(
            fault,
            WireFault::Truncated | WireFault::Huge | WireFault::LostResponse
        );
        assert_eq!(
            world.phones.messages().len(),
            if acted { 2 } else { 1 },
            "{vendor:?} {fault:?}"
        );
    };
    for vendor in VENDORS {
        for (fault, seen_as) in quick {
            see(vendor, fault, seen_as).await;
        }
    }
    // These take five seconds each and run concurrently.
    let slow = [WireFault::Hang, WireFault::LostResponse];
    join_all(
        VENDORS
            .iter()
            .flat_map(|vendor| slow.map(|fault| see(*vendor, fault, Fault::Unreachable))),
    )
    .await;
}

#[tokio::test]
async fn nobody_at_home_is_a_fault() {
    for world in World::each().await {
        let id = world.sent().await;
        let world = World {
            provider: world.vendor.client(&nowhere()),
            ..world
        };
        assert_eq!(
            world.ask_all(&id).await,
            all(Fault::Unreachable),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn an_answer_about_another_request_is_none() {
    for world in World::each().await {
        let id = world.sent().await;
        world.phones.set_fault(Some(WireFault::OtherRequestId));
        let (_, check, cancel) = world.ask_all(&id).await;
        assert_eq!(
            (check, cancel),
            (
                Check::Fault(Fault::UnexpectedResponse),
                Cancel::Fault(Fault::UnexpectedResponse)
            ),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn a_fault_that_did_nothing_leaves_the_code_as_good_as_it_was() {
    for world in World::each().await {
        let (id, code) = (world.sent().await, world.code());
        for fault in [
            WireFault::Status500,
            WireFault::Throttled,
            WireFault::NumericStatus,
            WireFault::Html,
        ] {
            world.phones.set_fault(Some(fault));
            assert!(
                matches!(world.provider.check(&id, &code).await, Check::Fault(_)),
                "{:?} {fault:?}",
                world.vendor
            );
        }
        world.phones.set_fault(None);
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Approved,
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_check_leaves_nothing_to_check() {
    for world in World::each().await {
        let (id, code) = (world.sent().await, world.code());
        world.phones.set_fault(Some(WireFault::Truncated));
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Fault(Fault::UnexpectedResponse),
            "{:?}",
            world.vendor
        );
        world.phones.set_fault(None);
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Gone,
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn the_demos_phone_shows_the_line_by_which_phones_fill_a_code_in() {
    let site = Site::new().await;
    let amy = site.registered("amy").await;
    amy.fill("/verify", "Send code", &[("phone", "+447700900123")])
        .await
        .goes_to("/verify/code");
    amy.get("/simulator")
        .await
        .says(200, &format!("\n@127.0.0.1 #{}</p>", site.code()));
}
