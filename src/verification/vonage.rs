//! Vonage Verify v1 client: form-encoded requests, JSON responses, HTTP 200 even for errors.
//!
//! The meanings of the statuses are taken from the vendor's API reference.

use std::fmt;

use async_trait::async_trait;
use serde::Deserialize;

use crate::verification::channel::Channel;
use crate::verification::client;
use crate::verification::client::{BuildError, Http, ask, nonsense, operator};
use crate::verification::numbers::phone::Phone;
use crate::verification::provider::{
    Cancel, Check, Fault, NumberRefusal, Provider, RequestId, Start,
};

/// Lifetime of a code in seconds, requested explicitly although it is the vendor's default.
const CODE_LIFETIME: i64 = 300;

/// Number of digits in a code; the vendor's default of 4 is too easy to guess.
const CODE_LENGTH: &str = "6";

/// Statuses that only the operator can fix: bad credentials, barred key, no credit, a feature not
/// enabled, demo mode.
const OPERATOR_STATUSES: [&str; 5] = ["4", "8", "9", "20", "29"];

/// Parameters we send besides the number. If one of these is invalid, the settings are at fault,
/// not the number.
const OUR_PARAMETERS: [&str; 7] = [
    "api_key",
    "api_secret",
    "brand",
    "sender_id",
    "workflow_id",
    "code_length",
    "pin_expiry",
];

/// Settings made by the operator, for either version of Verify.
#[derive(Clone)]
pub struct Settings {
    /// The base URL of the API, such as `https://api.nexmo.com`; plain http is allowed on this
    /// machine only. A path is kept.
    pub base_url: String,
    /// The account's API key.
    pub api_key: String,
    /// The account's API secret.
    pub api_secret: String,
    /// The name at the start of each message.
    pub brand: String,
    /// The sender shown for the text; if unset, the vendor's own name, which some networks block.
    pub sender_id: Option<String>,
}

/// Omits the credentials.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("brand", &self.brand)
            .field("sender_id", &self.sender_id)
            .finish_non_exhaustive()
    }
}

/// Sends and checks codes through Vonage Verify v1.
#[derive(Clone, Debug)]
pub struct Vonage {
    http: Http,
    settings: Settings,
}

/// Fields of all responses. Duplicate fields or fields of another type make it invalid.
#[derive(Deserialize)]
struct Answer {
    status: String,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    error_text: Option<String>,
}

impl Vonage {
    /// Creates a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`BuildError`] when the base URL is unusable, or this machine can't do TLS.
    pub fn new(settings: Settings) -> Result<Self, BuildError> {
        Ok(Self {
            http: Http::new(&settings.base_url)?,
            settings,
        })
    }

    async fn ask(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, Fault> {
        let credentials = [
            ("api_key", self.settings.api_key.as_str()),
            ("api_secret", self.settings.api_secret.as_str()),
        ];
        let form: Vec<_> = credentials.iter().chain(fields).collect();
        let answer: client::Answer = ask(self.http.post(path).form(&form)).await?;
        if answer.status == 200 {
            answer.object()
        } else {
            Err(answer.fault())
        }
    }
}

#[async_trait]
impl Provider for Vonage {
    fn code_lifetime(&self) -> i64 {
        CODE_LIFETIME
    }

    async fn start(&self, phone: &Phone, channel: Channel) -> Start {
        // The other workflows send follow-up texts and calls, which the limits wouldn't count.
        let workflow = match channel {
            Channel::Sms => "6",
            Channel::Voice => "7",
        };
        let life = CODE_LIFETIME.to_string();
        let mut fields = vec![
            ("number", phone.digits()),
            ("brand", self.settings.brand.as_str()),
            ("code_length", CODE_LENGTH),
            ("pin_expiry", &life),
            ("workflow_id", workflow),
        ];
        fields.extend(
            self.settings
                .sender_id
                .as_deref()
                .map(|sender| ("sender_id", sender)),
        );
        match self.ask("verify/json", &fields).await {
            Ok(answer) => started(&answer),
            Err(fault) => Start::Fault(fault),
        }
    }

    async fn check(&self, id: &RequestId, code: &str) -> Check {
        if parse_id(id.as_str()).is_none() {
            return Check::Gone;
        }
        let answer = match self
            .ask(
                "verify/check/json",
                &[("request_id", id.as_str()), ("code", code)],
            )
            .await
        {
            Ok(answer) => answer,
            Err(fault) => return Check::Fault(fault),
        };
        match answer.status.as_str() {
            "0" if answer.request_id.as_deref() == Some(id.as_str()) => Check::Approved,
            "16" => Check::Wrong,
            "17" => Check::TooManyWrong,
            "6" | "101" => Check::Gone,
            _ => Check::Fault(answer.fault()),
        }
    }

    async fn cancel(&self, id: &RequestId) -> Cancel {
        if parse_id(id.as_str()).is_none() {
            return Cancel::Gone;
        }
        let answer = match self
            .ask(
                "verify/control/json",
                &[("request_id", id.as_str()), ("cmd", "cancel")],
            )
            .await
        {
            Ok(answer) => answer,
            Err(fault) => return Cancel::Fault(fault),
        };
        let obeyed = answer
            .command
            .as_deref()
            .is_none_or(|command| command == "cancel");
        match answer.status.as_str() {
            "0" if obeyed && answer.matches_id(id) => Cancel::Done,
            "19" => Cancel::NotNow,
            "6" | "101" => Cancel::Gone,
            _ => Cancel::Fault(answer.fault()),
        }
    }

    /// Cancels a verification that never existed: a reply to that effect shows that the credentials
    /// are accepted.
    async fn probe(&self) -> Result<(), Fault> {
        match self.cancel(&RequestId::new("0".repeat(32))).await {
            Cancel::Fault(fault) => Err(fault),
            Cancel::Done | Cancel::NotNow | Cancel::Gone => Ok(()),
        }
    }
}

impl Answer {
    /// Returns the request ID of a response that must contain one.
    fn id(&self) -> Option<RequestId> {
        parse_id(self.request_id.as_ref()?)
    }

    /// Whether the response concerns `id`. A response without an ID is taken to match the request,
    /// but doesn't verify anything.
    fn matches_id(&self, id: &RequestId) -> bool {
        self.request_id
            .as_deref()
            .is_none_or(|named| named == id.as_str())
    }

    /// Maps a status that says nothing about the number or code to a fault.
    fn fault(&self) -> Fault {
        if let Some(status) = OPERATOR_STATUSES
            .iter()
            .find(|status| **status == self.status)
        {
            return operator(status);
        }
        match self.status.as_str() {
            "1" | "5" => Fault::Busy,
            _ => nonsense(),
        }
    }

    fn blames_our_settings(&self) -> bool {
        self.error_text.as_ref().is_some_and(|text| {
            OUR_PARAMETERS
                .iter()
                .any(|parameter| text.contains(parameter))
        })
    }
}

/// Accepts an ID in the vendor's format: 32 hexadecimal digits. An ID of another vendor, from
/// before the settings were changed, is rejected.
fn parse_id(id: &str) -> Option<RequestId> {
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| RequestId::new(id.to_owned()))
}

fn started(answer: &Answer) -> Start {
    match answer.status.as_str() {
        "0" => answer
            .id()
            .map_or_else(|| Start::Fault(nonsense()), Start::Sent),
        "10" => answer
            .id()
            .map_or_else(|| Start::Fault(nonsense()), |id| Start::Running(Some(id))),
        "2" | "3" if answer.blames_our_settings() => Start::Fault(operator("invalid setting")),
        "2" | "3" => Start::NumberRefused(NumberRefusal::Invalid),
        "6" => Start::NumberRefused(NumberRefusal::Unreachable),
        "7" => Start::NumberRefused(NumberRefusal::Blocked),
        "15" => Start::NumberRefused(NumberRefusal::Unsupported),
        _ => Start::Fault(answer.fault()),
    }
}

#[cfg(test)]
#[path = "vonage_tests.rs"]
mod tests;
