//! The client of Twilio Verify v2: form-encoded questions, JSON answers, and error codes of its own under the HTTP statuses.
//!
//! Promises what [`Provider`] does. Must not know who asks or why. A start while a code is out sends that same code again, under
//! the same name; whose it was is not known here, so that it is never taken for a start.

use std::fmt;

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::verification::client::{Answer, BuildError, Http, ask, nonsense, operator};
use crate::verification::{
    Cancel, Channel, Check, Fault, NumberRefusal, Phone, Provider, RequestId, Start,
};

/// How long a code is good for, in seconds; the vendor's default, which only its support changes.
const CODE_LIFE: i64 = 600;

/// What the operator sets.
#[derive(Clone)]
pub struct Settings {
    /// Where the API is, such as `https://verify.twilio.com`; plain http only on this machine itself. A path is kept.
    pub base_url: String,
    /// The account, or a key of it: `AC…` or `SK…`.
    pub account_sid: String,
    /// What belongs to it.
    pub auth_token: String,
    /// The Verify service, `VA…`: letters and digits alone, for it stands in addresses. The name in the messages is its name.
    pub service: String,
}

/// Leaves the credentials out.
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

/// A verification, as all answers but errors show it.
#[derive(Deserialize)]
struct Verification {
    sid: String,
    status: String,
    valid: bool,
    /// Each message that it has sent.
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
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`BuildError`] when the address cannot work, or this machine cannot do TLS.
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
    fn code_life(&self) -> i64 {
        CODE_LIFE
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
        // Another provider's name would make another address.
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

    /// Looks at the service: unlike a verification that is not there, a service that is not there is a wrong setting.
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

/// What an error says, where errors of the vendor's own are: those that come from further away need no body to be understood.
fn problem(answer: &Answer) -> Result<Option<Problem>, Fault> {
    match answer.status {
        400 | 403 | 404 => answer.object().map(Some),
        429 => Ok(answer.object().ok()),
        _ => Ok(None),
    }
}

/// An id that is shaped like the vendor's: `VE` and 32 hexadecimal digits, fit to stand in an address.
fn name(sid: String) -> Option<RequestId> {
    let digits = sid.strip_prefix("VE")?;
    (digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| RequestId::new(sid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification::client::pretended::{listening, saying};
    use NumberRefusal::Blocked;
    use NumberRefusal::Country;
    use NumberRefusal::Invalid;
    use NumberRefusal::NoTexts;

    const ID: &str = "VE0123456789abcdef0123456789abcdef";
    const SERVICE: &str = "VA00000000000000000000000000000001";
    const JSON: Option<&str> = Some("application/json");

    fn at(base_url: &str) -> Twilio {
        let settings = Settings {
            base_url: base_url.to_owned(),
            account_sid: "AC1".to_owned(),
            auth_token: "s3cret".to_owned(),
            service: SERVICE.to_owned(),
        };
        Twilio::new(settings).unwrap()
    }

    fn phone() -> Phone {
        Phone::from_stored("+447700900123".to_owned()).unwrap()
    }

    fn id() -> RequestId {
        RequestId::new(ID.to_owned())
    }

    /// Asks all three questions of a provider that says the same to all.
    async fn ask_all(
        status: u16,
        kind: Option<&'static str>,
        body: &str,
    ) -> (Start, Check, Cancel) {
        let provider = at(&saying(status, kind, body.to_owned()).await);
        let (id, phone) = (id(), phone());
        tokio::join!(
            provider.start(&phone, Channel::Sms),
            provider.check(&id, "123456"),
            provider.cancel(&id)
        )
    }

    fn all(fault: Fault) -> (Start, Check, Cancel) {
        (
            Start::Fault(fault),
            Check::Fault(fault),
            Cancel::Fault(fault),
        )
    }

    #[tokio::test]
    async fn every_error_code_has_its_meaning() {
        let (busy, ours, odd) = (Fault::Busy, Fault::Operator, Fault::Nonsense);
        let number = |refusal, fault| {
            (
                Start::NumberRefused(refusal),
                Check::Fault(fault),
                Cancel::Fault(fault),
            )
        };
        let table = [
            (
                400,
                60200,
                "Invalid parameter `To`: +1",
                number(Invalid, odd),
            ),
            (
                400,
                60200,
                "Invalid parameter `Channel`: pigeon",
                (Start::Fault(ours), Check::Fault(odd), Cancel::Fault(odd)),
            ),
            (400, 60000, "", all(odd)),
            (401, 20003, "Authenticate", all(ours)),
            (
                403,
                60205,
                "SMS is not supported by landline phone number",
                number(NoTexts, ours),
            ),
            (403, 60410, "Blocked", number(Blocked, ours)),
            (403, 60605, "Country", number(Country, ours)),
            (403, 20003, "Permission", all(ours)),
            (
                404,
                20404,
                "Not found",
                (Start::Fault(ours), Check::Gone, Cancel::Gone),
            ),
            (404, 1, "Not found", all(odd)),
            (
                429,
                60202,
                "Max check attempts reached",
                (Start::Fault(busy), Check::TooManyWrong, Cancel::Fault(busy)),
            ),
            (
                429,
                60203,
                "Max send attempts reached",
                (
                    Start::Running(None),
                    Check::Fault(busy),
                    Cancel::Fault(busy),
                ),
            ),
            (429, 60212, "Too many concurrent requests", all(busy)),
            (429, 20429, "Too Many Requests", all(busy)),
            (500, 20500, "Internal Server Error", all(busy)),
        ];
        for (status, code, message, expected) in table {
            let problem = format!(
                r#"{{"code":{code},"message":"{message}","more_info":"https://example.org","status":{status}}}"#
            );
            assert_eq!(
                ask_all(status, JSON, &problem).await,
                expected,
                "{status} {code}"
            );
        }
    }

    #[tokio::test]
    async fn an_error_without_its_object_says_nothing() {
        for status in [400, 403, 404] {
            for (kind, body) in [
                (Some("text/html"), "<html>"),
                (JSON, ""),
                (JSON, "{}"),
                (JSON, r#"{"code":"20404"}"#),
            ] {
                assert_eq!(
                    ask_all(status, kind, body).await,
                    all(Fault::Nonsense),
                    "{status} {body}"
                );
            }
        }
        assert_eq!(
            ask_all(429, Some("text/html"), "<html>").await,
            all(Fault::Busy)
        );
    }

    #[tokio::test]
    async fn the_documented_success_is_success_and_nothing_else_is() {
        let verification = |sid: &str, status: &str, valid: &str| {
            format!(r#"{{"sid":"{sid}","status":{status},"valid":{valid}}}"#)
        };
        let odd = Fault::Nonsense;
        assert_eq!(
            ask_all(201, JSON, &verification(ID, r#""pending""#, "false"))
                .await
                .0,
            Start::Sent(id())
        );
        for status in [200, 201] {
            let check = async |said: &str, valid: &str| {
                ask_all(status, JSON, &verification(ID, said, valid))
                    .await
                    .1
            };
            assert_eq!(check(r#""approved""#, "true").await, Check::Approved);
            assert_eq!(check(r#""pending""#, "false").await, Check::Wrong);
            assert_eq!(
                check(r#""max_attempts_reached""#, "false").await,
                Check::TooManyWrong
            );
            assert_eq!(check(r#""expired""#, "false").await, Check::Gone);
            for (said, valid) in [
                (r#""approved""#, "false"),
                (r#""pending""#, "true"),
                (r#""Approved""#, "true"),
                ("0", "true"),
                (r#""approved""#, r#""true""#),
                (r#""approved""#, "1"),
                (r#""approved""#, "null"),
            ] {
                assert_eq!(
                    check(said, valid).await,
                    Check::Fault(odd),
                    "{said} {valid}"
                );
            }
        }
        assert_eq!(
            ask_all(200, JSON, &verification(ID, r#""canceled""#, "false"))
                .await
                .2,
            Cancel::Done
        );
        let other = ID.replace('0', "1");
        for (sid, status, valid) in [
            (other.as_str(), "approved", "true"),
            (&other, "canceled", "false"),
            ("", "pending", "false"),
        ] {
            let answers = ask_all(
                200,
                JSON,
                &verification(sid, &format!("\"{status}\""), valid),
            )
            .await;
            assert_eq!(answers, all(odd), "{sid} {status}");
        }
        for status in [202, 204, 301] {
            assert_eq!(
                ask_all(status, JSON, &verification(ID, r#""approved""#, "true")).await,
                all(odd),
                "{status}"
            );
        }
        for sid in [
            "",
            "VE0123",
            "01234567890123456789012345678901",
            "VE../../../../../../../../../../...",
        ] {
            assert_eq!(
                ask_all(201, JSON, &verification(sid, r#""pending""#, "false"))
                    .await
                    .0,
                Start::Fault(odd),
                "{sid}"
            );
        }
    }

    #[tokio::test]
    async fn a_code_that_goes_out_again_is_nobodys_new_one() {
        for (attempts, expected) in [
            ("[]", Start::Sent(id())),
            ("[{}]", Start::Sent(id())),
            ("[{},{}]", Start::Resent(id())),
        ] {
            let body = format!(
                r#"{{"sid":"{ID}","status":"pending","valid":false,"send_code_attempts":{attempts}}}"#
            );
            assert_eq!(ask_all(201, JSON, &body).await.0, expected, "{attempts}");
        }
    }

    #[tokio::test]
    async fn a_service_that_is_not_there_is_a_wrong_setting() {
        let probe = async |status, body: &str| {
            at(&saying(status, JSON, body.to_owned()).await)
                .probe()
                .await
        };
        assert_eq!(
            probe(200, &format!(r#"{{"sid":"{SERVICE}"}}"#)).await,
            Ok(())
        );
        assert_eq!(probe(200, r#"{"sid":"VA2"}"#).await, Err(Fault::Nonsense));
        assert_eq!(probe(404, r#"{"code":20404}"#).await, Err(Fault::Operator));
        assert_eq!(probe(401, r#"{"code":20003}"#).await, Err(Fault::Operator));
    }

    #[tokio::test]
    async fn a_question_has_all_that_belongs_in_it_and_no_code_or_number_in_its_address() {
        let (address, heard) = listening().await;
        let provider = at(&address);
        provider.start(&phone(), Channel::Sms).await;
        provider.start(&phone(), Channel::Voice).await;
        provider.check(&id(), "123456").await;
        provider.cancel(&id()).await;
        assert_eq!(
            provider.cancel(&RequestId::new("../x".to_owned())).await,
            Cancel::Gone
        );
        let asked = |path: &str, body: &str| {
            format!(
                "POST /pretended/v2/Services/{SERVICE}/{path} Basic QUMxOnMzY3JldA== application/x-www-form-urlencoded {body}"
            )
        };
        let expected = [
            asked("Verifications", "To=%2B447700900123&Channel=sms"),
            asked("Verifications", "To=%2B447700900123&Channel=call"),
            asked(
                "VerificationCheck",
                &format!("VerificationSid={ID}&Code=123456"),
            ),
            asked(&format!("Verifications/{ID}"), "Status=canceled"),
        ];
        assert_eq!(*heard.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn credentials_show_in_no_debug_output() {
        let shown = format!("{:?}", at("https://verify.twilio.com"));
        assert!(
            !shown.contains("AC1") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
