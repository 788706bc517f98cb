//! Vonage Verify v2 client: JSON in both directions, with meaningful HTTP statuses.
//!
//! The URLs in a problem's `type` differ between the vendor's own sources, so its status and title
//! are used instead.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use crate::verification::channel::Channel;
use crate::verification::client::{Answer, BuildError, Http, ask, nonsense, operator};
use crate::verification::numbers::phone::Phone;
use crate::verification::provider::{
    Cancel, Check, Fault, NumberRefusal, Provider, RequestId, Start,
};
use crate::verification::vonage::Settings;

/// Lifetime of a code in seconds, which is the timeout of the workflow's only step.
const CODE_LIFETIME: i64 = 300;

const CODE_LENGTH: u8 = 6;

/// Parameters we send besides the number. If one of these is invalid, the settings are at fault,
/// not the number.
const OUR_PARAMETERS: [&str; 5] = ["brand", "from", "channel", "channel_timeout", "code_length"];

/// The problem title for a wrong code.
const WRONG_CODE: &str = "Invalid Code";

/// Sends and checks codes through Vonage Verify v2.
#[derive(Clone, Debug)]
pub struct VonageV2 {
    http: Http,
    settings: Settings,
}

#[derive(Deserialize)]
struct Started {
    request_id: String,
}

#[derive(Deserialize)]
struct Checked {
    request_id: String,
    status: String,
}

/// An error. All fields are optional, but the body must be an object.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    invalid_parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
}

impl VonageV2 {
    /// Creates a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`BuildError`] when the base URL is unusable, or this machine can't do TLS.
    pub fn new(settings: Settings) -> Result<Self, BuildError> {
        let http =
            Http::new(&settings.base_url)?.with_login(&settings.api_key, &settings.api_secret);
        Ok(Self { http, settings })
    }
}

#[async_trait]
impl Provider for VonageV2 {
    fn code_lifetime(&self) -> i64 {
        CODE_LIFETIME
    }

    async fn start(&self, phone: &Phone, channel: Channel) -> Start {
        // A single step: a second one would text or call by itself, which the limits wouldn't
        // count.
        let mut step = match channel {
            Channel::Sms => json!({"channel": "sms", "to": phone.digits()}),
            Channel::Voice => json!({"channel": "voice", "to": phone.digits()}),
        };
        if let Some(sender) = self
            .settings
            .sender_id
            .as_deref()
            .filter(|_| channel == Channel::Sms)
        {
            step["from"] = sender.into();
        }
        let body = json!({
            "brand": self.settings.brand,
            "code_length": CODE_LENGTH,
            "channel_timeout": CODE_LIFETIME,
            "workflow": [step],
        });
        match ask(self.http.post("v2/verify").json(&body)).await {
            Ok(answer) => started(&answer).unwrap_or_else(Start::Fault),
            Err(fault) => Start::Fault(fault),
        }
    }

    async fn check(&self, id: &RequestId, code: &str) -> Check {
        let Some(path) = path(id) else {
            return Check::Gone;
        };
        match ask(self.http.post(&path).json(&json!({"code": code}))).await {
            Ok(answer) => checked(&answer, id).unwrap_or_else(Check::Fault),
            Err(fault) => Check::Fault(fault),
        }
    }

    async fn cancel(&self, id: &RequestId) -> Cancel {
        let Some(path) = path(id) else {
            return Cancel::Gone;
        };
        match ask(self.http.delete(&path)).await {
            Ok(answer) => cancelled(&answer).unwrap_or_else(Cancel::Fault),
            Err(fault) => Cancel::Fault(fault),
        }
    }

    /// Cancels a verification that never existed: a reply to that effect shows that the credentials
    /// are accepted.
    async fn probe(&self) -> Result<(), Fault> {
        match self
            .cancel(&RequestId::new(
                "00000000-0000-0000-0000-000000000000".to_owned(),
            ))
            .await
        {
            Cancel::Fault(fault) => Err(fault),
            Cancel::Done | Cancel::NotNow | Cancel::Gone => Ok(()),
        }
    }
}

fn started(answer: &Answer) -> Result<Start, Fault> {
    Ok(match answer.status {
        202 => Start::Sent(name(answer.object::<Started>()?.request_id).ok_or_else(nonsense)?),
        409 => Start::Running(answer.object::<Problem>()?.request_id.and_then(name)),
        422 => {
            let problem = answer.object::<Problem>()?;
            if problem.request_id.is_some() {
                Start::Running(problem.request_id.and_then(name))
            } else if problem.blames_our_settings() {
                Start::Fault(operator("invalid setting"))
            } else {
                Start::NumberRefused(NumberRefusal::Invalid)
            }
        }
        _ => Start::Fault(answer.fault()),
    })
}

fn checked(answer: &Answer, id: &RequestId) -> Result<Check, Fault> {
    Ok(match answer.status {
        200 => {
            let checked = answer.object::<Checked>()?;
            let right = checked.request_id == id.as_str() && checked.status == "completed";
            if right {
                Check::Approved
            } else {
                Check::Fault(nonsense())
            }
        }
        400 if answer.object::<Problem>()?.title.as_deref() == Some(WRONG_CODE) => Check::Wrong,
        404 => answer.object::<Problem>().map(|_| Check::Gone)?,
        410 => answer.object::<Problem>().map(|_| Check::TooManyWrong)?,
        _ => Check::Fault(answer.fault()),
    })
}

fn cancelled(answer: &Answer) -> Result<Cancel, Fault> {
    Ok(match answer.status {
        204 => Cancel::Done,
        404 => answer.object::<Problem>().map(|_| Cancel::Gone)?,
        409 => answer.object::<Problem>().map(|_| Cancel::NotNow)?,
        _ => Cancel::Fault(answer.fault()),
    })
}

impl Problem {
    fn blames_our_settings(&self) -> bool {
        // A name may contain a path: `workflow[0].from`.
        let last = |parameter: &Parameter| {
            parameter
                .name
                .rsplit(['.', '/'])
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        self.invalid_parameters
            .iter()
            .map(last)
            .any(|name| OUR_PARAMETERS.contains(&name.as_str()))
    }
}

/// Accepts an ID in the vendor's format, which is URL-safe: a UUID.
fn name(id: String) -> Option<RequestId> {
    let parse_id = id.len() == 36
        && id.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    parse_id.then(|| RequestId::new(id))
}

/// Returns the path of a verification, or `None` if its ID is another provider's.
fn path(id: &RequestId) -> Option<String> {
    name(id.as_str().to_owned()).map(|id| format!("v2/verify/{}", id.as_str()))
}

#[cfg(test)]
#[path = "vonage_v2_tests.rs"]
mod tests;
