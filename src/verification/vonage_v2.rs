//! The client of Vonage Verify v2: JSON both ways, and HTTP statuses that mean something.
//!
//! Promises what [`Provider`] does. Must not know who asks or why. The addresses in a problem's `type` differ between the vendor's
//! own sources, so that its status and title decide.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use crate::verification::client::{Answer, BuildError, Http, ask, nonsense, operator};
use crate::verification::vonage::Settings;
use crate::verification::{
    Cancel, Channel, Check, Fault, NumberRefusal, Phone, Provider, RequestId, Start,
};

/// How long a code is good for, in seconds: as long as the one step of our workflows is waited for.
const CODE_LIFE: i64 = 300;

const CODE_LENGTH: u8 = 6;

/// What we send besides the number. An invalid value of one of these is our operator's affair, and no fault of the number.
const OUR_PARAMETERS: [&str; 5] = ["brand", "from", "channel", "channel_timeout", "code_length"];

/// The title of the problem that a wrong code is.
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

/// An error. Whoever sends none of these has at least sent an object.
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
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`BuildError`] when the address cannot work, or this machine cannot do TLS.
    pub fn new(settings: Settings) -> Result<Self, BuildError> {
        let http =
            Http::new(&settings.base_url)?.with_login(&settings.api_key, &settings.api_secret);
        Ok(Self { http, settings })
    }
}

#[async_trait]
impl Provider for VonageV2 {
    fn code_life(&self) -> i64 {
        CODE_LIFE
    }

    async fn start(&self, phone: &Phone, channel: Channel) -> Start {
        // One step alone: a second one would text or call by itself, and nobody here would have counted it.
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
            "channel_timeout": CODE_LIFE,
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

    /// Asks to call off what never was: whoever is told so was let in.
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
        // A name may say where: `workflow[0].from`.
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

/// An id that is shaped like the vendor's: a UUID, fit to stand in an address.
fn name(id: String) -> Option<RequestId> {
    let shaped = id.len() == 36
        && id.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    shaped.then(|| RequestId::new(id))
}

/// Where a verification is; nowhere, if another provider named it.
fn path(id: &RequestId) -> Option<String> {
    name(id.as_str().to_owned()).map(|id| format!("v2/verify/{}", id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification::client::pretended::{listening, saying};

    const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";
    const PROBLEM: Option<&str> = Some("application/problem+json");
    const JSON: Option<&str> = Some("application/json");

    fn at(base_url: &str, sender_id: Option<&str>) -> VonageV2 {
        let settings = Settings {
            base_url: base_url.to_owned(),
            api_key: "key-1".to_owned(),
            api_secret: "s3cret".to_owned(),
            brand: "Pollstr".to_owned(),
            sender_id: sender_id.map(str::to_owned),
        };
        VonageV2::new(settings).unwrap()
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
        let provider = at(&saying(status, kind, body.to_owned()).await, None);
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
    async fn every_status_has_its_meaning() {
        let (busy, operator, odd) = (Fault::Busy, Fault::Operator, Fault::Nonsense);
        let (start, check, cancel) = (Start::Fault(odd), Check::Fault(odd), Cancel::Fault(odd));
        let running = Start::Running(Some(id()));
        let table = [
            (
                400,
                "Invalid Code",
                "",
                (start.clone(), Check::Wrong, cancel),
            ),
            (400, "Bad Request", "", all(odd)),
            (401, "Unauthorized", "", all(operator)),
            (402, "Low balance", "", all(operator)),
            (403, "Forbidden", "", all(operator)),
            (
                404,
                "Not Found",
                "",
                (start.clone(), Check::Gone, Cancel::Gone),
            ),
            (
                409,
                "Conflict",
                r#","request_id":"01234567-89ab-cdef-0123-456789abcdef""#,
                (running.clone(), check, Cancel::NotNow),
            ),
            (
                409,
                "Conflict",
                "",
                (Start::Running(None), check, Cancel::NotNow),
            ),
            (
                409,
                "Conflict",
                r#","request_id":"../verify""#,
                (Start::Running(None), check, Cancel::NotNow),
            ),
            (
                410,
                "Invalid Code",
                "",
                (start, Check::TooManyWrong, cancel),
            ),
            (
                422,
                "Conflict",
                r#","request_id":"01234567-89ab-cdef-0123-456789abcdef""#,
                (running, check, cancel),
            ),
            (
                422,
                "Invalid",
                "",
                (Start::NumberRefused(NumberRefusal::Invalid), check, cancel),
            ),
            (429, "Rate Limit Hit", "", all(busy)),
            (500, "Internal", "", all(busy)),
        ];
        for (status, title, more, expected) in table {
            let problem = format!(r#"{{"title":"{title}","type":"about:blank"{more}}}"#);
            assert_eq!(
                ask_all(status, PROBLEM, &problem).await,
                expected,
                "{status} {title}{more}"
            );
        }
    }

    #[tokio::test]
    async fn an_error_without_its_object_says_nothing() {
        for status in [400, 404, 409, 410, 422] {
            for (kind, body) in [
                (Some("text/html"), "<html>"),
                (PROBLEM, ""),
                (PROBLEM, "[]"),
                (PROBLEM, r#"{"title":7}"#),
            ] {
                assert_eq!(
                    ask_all(status, kind, body).await,
                    all(Fault::Nonsense),
                    "{status} {body}"
                );
            }
        }
    }

    #[tokio::test]
    async fn an_invalid_setting_is_not_blamed_on_the_number() {
        for (name, expected) in [
            ("to", Start::NumberRefused(NumberRefusal::Invalid)),
            (
                "workflow[0].to",
                Start::NumberRefused(NumberRefusal::Invalid),
            ),
            ("brand", Start::Fault(Fault::Operator)),
            ("workflow[0].from", Start::Fault(Fault::Operator)),
        ] {
            let problem = format!(
                r#"{{"title":"Invalid","invalid_parameters":[{{"name":"{name}","reason":"no"}}]}}"#
            );
            assert_eq!(ask_all(422, PROBLEM, &problem).await.0, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn the_documented_success_is_success_and_nothing_else_is() {
        let completed = format!(r#"{{"request_id":"{ID}","status":"completed"}}"#);
        assert_eq!(
            ask_all(202, JSON, &format!(r#"{{"request_id":"{ID}"}}"#))
                .await
                .0,
            Start::Sent(id())
        );
        assert_eq!(
            ask_all(200, JSON, &completed).await,
            (
                Start::Fault(Fault::Nonsense),
                Check::Approved,
                Cancel::Fault(Fault::Nonsense)
            )
        );
        assert_eq!(
            ask_all(204, None, "").await,
            (
                Start::Fault(Fault::Nonsense),
                Check::Fault(Fault::Nonsense),
                Cancel::Done
            )
        );
        for status in [200, 202] {
            for body in [
                "",
                "{}",
                r#"{"request_id":7,"status":"completed"}"#,
                r#"{"request_id":"01234567-89ab-cdef-0123","status":"completed"}"#,
                r#"{"request_id":"../../../x?y=89ab-cdef-0123-456789abc","status":"completed"}"#,
            ] {
                assert_eq!(
                    ask_all(status, JSON, body).await,
                    all(Fault::Nonsense),
                    "{status} {body}"
                );
            }
        }
        for body in [
            format!(r#"{{"request_id":"{ID}"}}"#),
            format!(r#"{{"request_id":"{ID}","status":0}}"#),
            format!(r#"{{"request_id":"{ID}","status":"0"}}"#),
            format!(r#"{{"request_id":"{ID}","status":"Completed"}}"#),
            format!(
                r#"{{"request_id":"{}","status":"completed"}}"#,
                ID.replace('0', "1")
            ),
            completed.replace('}', ""),
        ] {
            assert_eq!(
                ask_all(200, JSON, &body).await.1,
                Check::Fault(Fault::Nonsense),
                "{body}"
            );
        }
        for status in [201, 202, 204, 301] {
            assert_eq!(
                ask_all(status, JSON, &completed).await.1,
                Check::Fault(Fault::Nonsense),
                "{status}"
            );
        }
    }

    #[tokio::test]
    async fn a_question_has_all_that_belongs_in_it_and_no_code_or_number_in_its_address() {
        let (address, heard) = listening().await;
        at(&address, Some("Club 7"))
            .start(&phone(), Channel::Sms)
            .await;
        let provider = at(&address, Some("Club 7"));
        provider.start(&phone(), Channel::Voice).await;
        provider.check(&id(), "123456").await;
        provider.cancel(&id()).await;
        let login = "Basic a2V5LTE6czNjcmV0";
        let start = |step: &str| {
            format!(
                "POST /pretended/v2/verify {login} application/json \
                 {{\"brand\":\"Pollstr\",\"channel_timeout\":300,\"code_length\":6,\"workflow\":[{step}]}}"
            )
        };
        let expected = [
            start(r#"{"channel":"sms","from":"Club 7","to":"447700900123"}"#),
            start(r#"{"channel":"voice","to":"447700900123"}"#),
            format!(
                "POST /pretended/v2/verify/{ID} {login} application/json {{\"code\":\"123456\"}}"
            ),
            format!("DELETE /pretended/v2/verify/{ID} {login} - "),
        ];
        assert_eq!(*heard.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn what_another_provider_named_is_not_asked_about() {
        let (address, heard) = listening().await;
        for odd in [
            "0123456789abcdef0123456789abcdef",
            "",
            "../verify",
            "VE0123456789abcdef0123456789abcdef",
        ] {
            let id = RequestId::new(odd.to_owned());
            assert_eq!(at(&address, None).check(&id, "123456").await, Check::Gone);
            assert_eq!(at(&address, None).cancel(&id).await, Cancel::Gone);
        }
        assert!(heard.lock().unwrap().is_empty());
    }
}
