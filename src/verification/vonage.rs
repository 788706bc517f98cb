//! The client of Vonage Verify v1: form-encoded questions, JSON answers, HTTP 200 even for errors.
//!
//! Promises what [`Provider`] does. Must not know who asks or why. The meanings of the statuses are the vendor's, from its API
//! reference.

use std::fmt;

use async_trait::async_trait;
use serde::Deserialize;

use crate::verification::client::{BuildError, Http, ask, nonsense, operator};
use crate::verification::{
    Cancel, Channel, Check, Fault, NumberRefusal, Phone, Provider, RequestId, Start, client,
};

/// How long a code is good for, in seconds. Asked for at the start; the vendor's default as well.
const CODE_LIFE: i64 = 300;

/// Digits of a code; the vendor's own default of 4 is too easily guessed.
const CODE_LENGTH: &str = "6";

/// Statuses that only the operator can mend: bad credentials, barred key, no credit, a feature not enabled, demo mode.
const OPERATOR_STATUSES: [&str; 5] = ["4", "8", "9", "20", "29"];

/// What we send besides the number. An invalid value of one of these is our operator's affair, and no fault of the number.
const OUR_PARAMETERS: [&str; 7] = [
    "api_key",
    "api_secret",
    "brand",
    "sender_id",
    "workflow_id",
    "code_length",
    "pin_expiry",
];

/// What the operator sets, for either version of Verify.
#[derive(Clone)]
pub struct Settings {
    /// Where the API is, such as `https://api.nexmo.com`; plain http only on this machine itself. A path is kept.
    pub base_url: String,
    /// The account's key.
    pub api_key: String,
    /// The account's secret.
    pub api_secret: String,
    /// The name the message begins with.
    pub brand: String,
    /// Whom the text seems to come from; the vendor's own name when unset, which some networks block.
    pub sender_id: Option<String>,
}

/// Leaves the credentials out.
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

/// The fields of all answers. Twice the same field, or a field of another type, is no answer.
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
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`BuildError`] when the address cannot work, or this machine cannot do TLS.
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
    fn code_life(&self) -> i64 {
        CODE_LIFE
    }

    async fn start(&self, phone: &Phone, channel: Channel) -> Start {
        // The other workflows follow up with texts and calls of their own, which nobody here would have counted.
        let workflow = match channel {
            Channel::Sms => "6",
            Channel::Voice => "7",
        };
        let life = CODE_LIFE.to_string();
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
        if shaped(id.as_str()).is_none() {
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
        if shaped(id.as_str()).is_none() {
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
            "0" if obeyed && answer.is_about(id) => Cancel::Done,
            "19" => Cancel::NotNow,
            "6" | "101" => Cancel::Gone,
            _ => Cancel::Fault(answer.fault()),
        }
    }

    /// Asks to call off what never was: whoever is told so was let in.
    async fn probe(&self) -> Result<(), Fault> {
        match self.cancel(&RequestId::new("0".repeat(32))).await {
            Cancel::Fault(fault) => Err(fault),
            Cancel::Done | Cancel::NotNow | Cancel::Gone => Ok(()),
        }
    }
}

impl Answer {
    /// The id in an answer that must bring one.
    fn id(&self) -> Option<RequestId> {
        shaped(self.request_id.as_ref()?)
    }

    /// Whether this answers the question about `id`; an answer that names no id answers the question that was asked, but proves nothing.
    fn is_about(&self, id: &RequestId) -> bool {
        self.request_id
            .as_deref()
            .is_none_or(|named| named == id.as_str())
    }

    /// What is left when a status says nothing about the number or the code.
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

/// An id that is shaped like the vendor's: 32 hexadecimal digits. One of another vendor, from before the settings were changed, is none.
fn shaped(id: &str) -> Option<RequestId> {
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
mod tests {
    use super::*;
    use crate::verification::client::pretended::{listening, saying};
    use Fault::Busy;
    use Fault::Nonsense;
    use Fault::Operator;
    use NumberRefusal::Blocked;
    use NumberRefusal::Invalid;
    use NumberRefusal::Unreachable;
    use NumberRefusal::Unsupported;

    const ID: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "ffffffffffffffffffffffffffffffff";

    fn at(base_url: &str, sender_id: Option<&str>) -> Vonage {
        let settings = Settings {
            base_url: base_url.to_owned(),
            api_key: "key-1".to_owned(),
            api_secret: "s3cret&=+ß".to_owned(),
            brand: "Pollstr".to_owned(),
            sender_id: sender_id.map(str::to_owned),
        };
        Vonage::new(settings).unwrap()
    }

    async fn json(body: &str) -> Vonage {
        at(
            &saying(200, Some("application/json"), body.to_owned()).await,
            None,
        )
    }

    fn phone() -> Phone {
        Phone::from_stored("+447700900123".to_owned()).unwrap()
    }

    fn id() -> RequestId {
        RequestId::new(ID.to_owned())
    }

    /// Asks all three questions.
    async fn ask_all(provider: &Vonage) -> (Start, Check, Cancel) {
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
        let refused = Start::NumberRefused;
        let (busy, operator, odd) = (Fault::Busy, Fault::Operator, Fault::Nonsense);
        let number = |refusal| (refused(refusal), Check::Fault(odd), Cancel::Fault(odd));
        let table = [
            ("1", all(busy)),
            ("2", number(Invalid)),
            ("3", number(Invalid)),
            ("4", all(operator)),
            ("5", all(busy)),
            ("6", (refused(Unreachable), Check::Gone, Cancel::Gone)),
            ("7", number(Blocked)),
            ("8", all(operator)),
            ("9", all(operator)),
            (
                "10",
                (
                    Start::Running(Some(id())),
                    Check::Fault(odd),
                    Cancel::Fault(odd),
                ),
            ),
            ("15", number(Unsupported)),
            ("16", (Start::Fault(odd), Check::Wrong, Cancel::Fault(odd))),
            (
                "17",
                (Start::Fault(odd), Check::TooManyWrong, Cancel::Fault(odd)),
            ),
            ("18", all(odd)),
            ("19", (Start::Fault(odd), Check::Fault(odd), Cancel::NotNow)),
            ("20", all(operator)),
            ("29", all(operator)),
            ("101", (Start::Fault(odd), Check::Gone, Cancel::Gone)),
            ("", all(odd)),
            ("00", all(odd)),
            ("0 ", all(odd)),
            ("ok", all(odd)),
        ];
        for (status, expected) in table {
            let provider = json(&format!(
                r#"{{"status":"{status}","error_text":"no","request_id":"{ID}"}}"#
            ))
            .await;
            assert_eq!(ask_all(&provider).await, expected, "status {status:?}");
        }
    }

    #[tokio::test]
    async fn an_invalid_setting_is_not_blamed_on_the_number() {
        for (text, expected) in [
            (
                "Invalid value for param: number",
                Start::NumberRefused(NumberRefusal::Invalid),
            ),
            (
                "Invalid value for param: sender_id",
                Start::Fault(Fault::Operator),
            ),
            (
                "Missing mandatory param: brand",
                Start::Fault(Fault::Operator),
            ),
        ] {
            let provider = json(&format!(r#"{{"status":"3","error_text":"{text}"}}"#)).await;
            assert_eq!(
                provider.start(&phone(), Channel::Sms).await,
                expected,
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn the_documented_success_is_success_and_nothing_else_is() {
        let started = json(&format!(r#" {{"request_id":"{ID}","status":"0"}} "#)).await;
        assert_eq!(
            started.start(&phone(), Channel::Voice).await,
            Start::Sent(id())
        );
        let checked = format!(
            r#"{{"request_id":"{ID}","event_id":"0A","status":"0","price":"0.10000000","currency":"EUR"}}"#
        );
        assert_eq!(
            json(&checked).await.check(&id(), "123456").await,
            Check::Approved
        );
        assert_eq!(
            json(r#"{"status":"0","command":"cancel"}"#)
                .await
                .cancel(&id())
                .await,
            Cancel::Done
        );
        let bodies = [
            r#""0""#.to_owned(),
            "{}".to_owned(),
            format!(r#"[{{"status":"0","request_id":"{ID}"}}]"#),
            format!(r#"{{"status":0,"request_id":"{ID}"}}"#),
            format!(r#"{{"status":null,"request_id":"{ID}"}}"#),
            format!(r#"{{"status":["0"],"request_id":"{ID}"}}"#),
            format!(r#"{{"status":"completed","request_id":"{ID}"}}"#),
            format!(r#"{{"Status":"0","request_id":"{ID}"}}"#),
            format!(r#"{{"status":"16","status":"0","request_id":"{ID}"}}"#),
            r#"{"status":"0","request_id":7}"#.to_owned(),
            format!(r#"{{"status":"0","request_id":"{ID}","command":true}}"#),
        ];
        for body in bodies {
            assert_eq!(
                ask_all(&json(&body).await).await,
                all(Fault::Nonsense),
                "{body}"
            );
        }
        for nameless in [r#"{"status":"0"}"#, r#"{"status":"0","command":"cancel"}"#] {
            assert_eq!(
                json(nameless).await.check(&id(), "123456").await,
                Check::Fault(Fault::Nonsense),
                "{nameless}"
            );
        }
        let other = json(&format!(r#"{{"status":"0","request_id":"{OTHER}"}}"#)).await;
        let (_, check, cancel) = ask_all(&other).await;
        assert_eq!(
            (check, cancel),
            (
                Check::Fault(Fault::Nonsense),
                Cancel::Fault(Fault::Nonsense)
            )
        );
        let another = json(r#"{"status":"0","command":"trigger_next_event"}"#).await;
        assert_eq!(another.cancel(&id()).await, Cancel::Fault(Fault::Nonsense));
    }

    #[tokio::test]
    async fn a_start_needs_an_id_of_the_right_shape() {
        for status in ["0", "10"] {
            let misshapen = [
                "",
                "0123",
                "0123456789abcdef0123456789abcdeg",
                "0123456789abcdef0123456789abcdef0",
                "../../../../../../../../../../..",
            ];
            for odd in misshapen {
                let provider =
                    json(&format!(r#"{{"status":"{status}","request_id":"{odd}"}}"#)).await;
                assert_eq!(
                    provider.start(&phone(), Channel::Sms).await,
                    Start::Fault(Fault::Nonsense),
                    "{status} {odd}"
                );
            }
            let provider = json(&format!(r#"{{"status":"{status}"}}"#)).await;
            assert_eq!(
                provider.start(&phone(), Channel::Sms).await,
                Start::Fault(Fault::Nonsense)
            );
        }
    }

    #[tokio::test]
    async fn an_id_of_another_vendor_is_gone_without_a_question() {
        // Whoever asked would be told that the parameter is invalid.
        let provider =
            json(r#"{"status":"3","error_text":"Invalid value for parameter: request_id"}"#).await;
        for id in [
            "VE0123456789abcdef0123456789abcdef",
            "c11236f4-00bf-4b89-84ba-88b25df97315",
            "",
        ] {
            let id = RequestId::new(id.to_owned());
            assert_eq!(
                (
                    provider.check(&id, "123456").await,
                    provider.cancel(&id).await
                ),
                (Check::Gone, Cancel::Gone)
            );
        }
    }

    #[tokio::test]
    async fn success_under_another_http_status_is_none() {
        let success = format!(r#"{{"status":"0","request_id":"{ID}"}}"#);
        let (odd, ours, theirs) = ([201, 204, 301, 400, 404], [401, 402, 403], [429, 500, 503]);
        for (statuses, fault) in [(&odd[..], Nonsense), (&ours, Operator), (&theirs, Busy)] {
            for status in statuses {
                let provider = at(
                    &saying(*status, Some("application/json"), success.clone()).await,
                    None,
                );
                assert_eq!(ask_all(&provider).await, all(fault), "HTTP {status}");
            }
        }
    }

    #[tokio::test]
    async fn a_question_is_a_form_with_all_that_belongs_in_it_and_nothing_in_the_url() {
        let (address, heard) = listening().await;
        at(&address, Some("Club 7"))
            .start(&phone(), Channel::Sms)
            .await;
        let provider = at(&address, None);
        provider.start(&phone(), Channel::Voice).await;
        provider.check(&id(), "12 & 6").await;
        provider.cancel(&id()).await;
        let (form, key) = (
            "- application/x-www-form-urlencoded",
            "api_key=key-1&api_secret=s3cret%26%3D%2B%C3%9F",
        );
        let start = format!(
            "POST /pretended/verify/json {form} {key}&number=447700900123&brand=Pollstr&code_length=6&pin_expiry=300&workflow_id="
        );
        let expected = [
            format!("{start}6&sender_id=Club+7"),
            format!("{start}7"),
            format!("POST /pretended/verify/check/json {form} {key}&request_id={ID}&code=12+%26+6"),
            format!("POST /pretended/verify/control/json {form} {key}&request_id={ID}&cmd=cancel"),
        ];
        assert_eq!(*heard.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn credentials_show_in_no_debug_output() {
        let shown = format!("{:?}", at("https://api.nexmo.com", None));
        assert!(
            !shown.contains("key-1") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
