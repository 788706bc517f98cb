//! The same conversations through each provider's client, with the simulator at the other end of
//! real HTTP.

mod checks;
mod faults;
mod starts;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use pollstr::platform::clock::Clock;
use pollstr::simulator::Simulator;
use pollstr::verification::{
    Cancel, Channel, Check, Phone, Provider, RequestId, Start, Twilio, TwilioSettings, Vonage,
    VonageSettings, VonageV2,
};

use crate::support::app::START_TIME;
use crate::support::environment::free_address;

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
