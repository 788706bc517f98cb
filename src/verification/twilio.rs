//! Twilio Verify v2 client: form-encoded requests, JSON responses, and the vendor's own error codes
//! alongside HTTP statuses.
//!
//! Starting a verification while a code is outstanding resends that same code under the same ID. It
//! may belong to another user, so it is never reported as [`Start::Sent`].

use std::fmt;

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::verification::channel::Channel;
use crate::verification::client::{Answer, BuildError, Http, ask, nonsense, operator};
use crate::verification::numbers::phone::Phone;
use crate::verification::provider::{
    Cancel, Check, Fault, NumberRefusal, Provider, RequestId, Start,
};

/// Lifetime of a code in seconds: the vendor's default, which only its support can change.
const CODE_LIFETIME: i64 = 600;

/// Settings made by the operator.
#[derive(Clone)]
pub struct Settings {
    /// The base URL of the API, such as `https://verify.twilio.com`; plain http is allowed on this
    /// machine only. A path is kept.
    pub base_url: String,
    /// The account SID or an API key: `AC…` or `SK…`.
    pub account_sid: String,
    /// The auth token or the key's secret.
    pub auth_token: String,
    /// The Verify service, `VA…`: letters and digits only, since it is part of URLs. Its name
    /// appears in the messages.
    pub service: String,
}

/// Omits the credentials.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// Sends and checks codes through Twilio Verify v2.
#[derive(Clone, Debug)]
pub struct Twilio {
    http: Http,
    service: String,
}

/// A verification, as contained in every successful response.
#[derive(Deserialize)]
struct Verification {
    sid: String,
    status: String,
    valid: bool,
    /// The messages sent so far.
    #[serde(default)]
    send_code_attempts: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Service {
    sid: String,
}

#[derive(Deserialize)]
struct Problem {
    code: u32,
    #[serde(default)]
    message: String,
}

impl Twilio {
    /// Creates a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`BuildError`] when the base URL is unusable, or this machine can't do TLS.
    pub fn new(settings: Settings) -> Result<Self, BuildError> {
        let http =
            Http::new(&settings.base_url)?.with_login(&settings.account_sid, &settings.auth_token);
        Ok(Self {
            http,
            service: settings.service,
        })
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Answer, Fault> {
        ask(self
            .http
            .post(&format!("v2/Services/{}/{path}", self.service))
            .form(form))
        .await
    }
}

#[async_trait]
impl Provider for Twilio {
    fn code_lifetime(&self) -> i64 {
        CODE_LIFETIME
    }

    async fn start(&self, phone: &Phone, channel: Channel) -> Start {
        let channel = match channel {
            Channel::Sms => "sms",
            Channel::Voice => "call",
        };
        match self
            .post(
                "Verifications",
                &[("To", phone.e164()), ("Channel", channel)],
            )
            .await
        {
            Ok(answer) => started(&answer).unwrap_or_else(Start::Fault),
            Err(fault) => Start::Fault(fault),
        }
    }

    async fn check(&self, id: &RequestId, code: &str) -> Check {
        match self
            .post(
                "VerificationCheck",
                &[("VerificationSid", id.as_str()), ("Code", code)],
            )
            .await
        {
            Ok(answer) => checked(&answer, id).unwrap_or_else(Check::Fault),
            Err(fault) => Check::Fault(fault),
        }
    }

    async fn cancel(&self, id: &RequestId) -> Cancel {
        // Another provider's ID would change the URL.
        let Some(id) = name(id.as_str().to_owned()) else {
            return Cancel::Gone;
        };
        match self
            .post(
                &format!("Verifications/{}", id.as_str()),
                &[("Status", "canceled")],
            )
            .await
        {
            Ok(answer) => cancelled(&answer, &id).unwrap_or_else(Cancel::Fault),
            Err(fault) => Cancel::Fault(fault),
        }
    }

    /// Fetches the service. A 404 here, unlike one for a verification, means a wrong setting.
    async fn probe(&self) -> Result<(), Fault> {
        let answer = ask(self.http.get(&format!("v2/Services/{}", self.service))).await?;
        match answer.status {
            200 if answer.object::<Service>()?.sid == self.service => Ok(()),
            404 => answer
                .object::<Problem>()
                .and_then(|_| Err(operator("no such service"))),
            _ => Err(answer.fault()),
        }
    }
}

fn started(answer: &Answer) -> Result<Start, Fault> {
    if answer.status == 201 {
        let verification = answer.object::<Verification>()?;
        if verification.status != "pending" || verification.valid {
            return Err(nonsense());
        }
        let id = name(verification.sid).ok_or_else(nonsense)?;
        let messages = verification
            .send_code_attempts
            .map_or(1, |attempts| attempts.len());
        return Ok(if messages > 1 {
            Start::Resent(id)
        } else {
            Start::Sent(id)
        });
    }
    let Some(problem) = problem(answer)? else {
        return Err(answer.fault());
    };
    Ok(match problem.code {
        60200 if problem.message.contains("Channel") => Start::Fault(operator("60200")),
        60200 => Start::NumberRefused(NumberRefusal::Invalid),
        60205 => Start::NumberRefused(NumberRefusal::NoTexts),
        60410 => Start::NumberRefused(NumberRefusal::Blocked),
        60605 => Start::NumberRefused(NumberRefusal::Country),
        60203 => Start::Running(None),
        20404 => Start::Fault(operator("20404")),
        _ => Start::Fault(answer.fault()),
    })
}

fn checked(answer: &Answer, id: &RequestId) -> Result<Check, Fault> {
    if matches!(answer.status, 200 | 201) {
        let verification = answer.object::<Verification>()?;
        if verification.sid != id.as_str() {
            return Err(nonsense());
        }
        return Ok(match (verification.status.as_str(), verification.valid) {
            ("approved", true) => Check::Approved,
            ("pending", false) => Check::Wrong,
            ("max_attempts_reached", false) => Check::TooManyWrong,
            ("canceled" | "deleted" | "expired" | "failed", false) => Check::Gone,
            _ => Check::Fault(nonsense()),
        });
    }
    Ok(match problem(answer)?.map(|problem| problem.code) {
        Some(20404) => Check::Gone,
        Some(60202) => Check::TooManyWrong,
        _ => Check::Fault(answer.fault()),
    })
}

fn cancelled(answer: &Answer, id: &RequestId) -> Result<Cancel, Fault> {
    if answer.status == 200 {
        let verification = answer.object::<Verification>()?;
        let done = verification.sid == id.as_str() && verification.status == "canceled";
        return if done {
            Ok(Cancel::Done)
        } else {
            Err(nonsense())
        };
    }
    Ok(match problem(answer)?.map(|problem| problem.code) {
        Some(20404) => Cancel::Gone,
        _ => Cancel::Fault(answer.fault()),
    })
}

/// Parses the vendor's error body. Statuses that don't come from the API itself need no body.
fn problem(answer: &Answer) -> Result<Option<Problem>, Fault> {
    match answer.status {
        400 | 403 | 404 => answer.object().map(Some),
        429 => Ok(answer.object().ok()),
        _ => Ok(None),
    }
}

/// Accepts an ID in the vendor's format, which is URL-safe: `VE` and 32 hexadecimal digits.
fn name(sid: String) -> Option<RequestId> {
    let digits = sid.strip_prefix("VE")?;
    (digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| RequestId::new(sid))
}

#[cfg(test)]
#[path = "twilio_tests/mod.rs"]
mod tests;
