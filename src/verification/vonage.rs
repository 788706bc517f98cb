//! The client of Vonage Verify v1: form-encoded questions, JSON answers, HTTP 200 even for errors.
//!
//! Promises that nothing but the documented success counts as success, that no question is asked twice on its own, that an answer
//! comes within six seconds whatever the other side does, and that credentials, codes and whole numbers reach neither a log nor a
//! URL nor an error text. Must not know who asks or why. The meanings of the statuses are the vendor's, from its API reference.

use std::fmt;
use std::time::Duration;

use reqwest::{Client, Response, header, redirect, retry};
use serde::Deserialize;
use thiserror::Error;
use url::{Host, Url};

use super::{Cancel, Channel, Check, Fault, Next, NumberRefusal, Phone, RequestId, Start};

/// How long a code is good for, in seconds. Asked for at the start; the vendor's default as well.
pub const CODE_LIFE: i64 = 300;

/// How many wrong codes the vendor takes before the verification is dead.
pub const TRIES_PER_CODE: i64 = 3;

/// How old a verification must be before the vendor lets it be called off, in seconds.
pub const MIN_CANCEL_AGE: i64 = 30;

/// Digits of a code; the vendor's own default of 4 is too easily guessed.
const CODE_LENGTH: &str = "6";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// From the first byte sent to the last byte read, the connection included.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Answers are about a hundred bytes; what is longer than this is no answer.
const MOST_BODY: usize = 64 * 1024;

/// Statuses that only the operator can mend: bad credentials, barred key, no credit, a feature not enabled, demo mode.
const OPERATOR_STATUSES: [&str; 5] = ["4", "8", "9", "20", "29"];

/// What we send besides the number. An invalid value of one of these is our operator's affair, and no fault of the number.
const OUR_PARAMETERS: [&str; 7] = ["api_key", "api_secret", "brand", "sender_id", "workflow_id", "code_length", "pin_expiry"];

/// What the operator sets.
#[derive(Clone)]
pub struct Settings {
    /// Where the API is, such as `https://api.nexmo.com`; plain http only on this machine itself. A path is kept.
    pub base_url: String,
    /// The account's key.
    pub api_key: String,
    /// The account's secret.
    pub api_secret: String,
    /// The name the message begins with, 1 to 18 characters.
    pub brand: String,
    /// Whom the text seems to come from, 1 to 11 characters; the vendor's own name when unset, which some networks block.
    pub sender_id: Option<String>,
}

/// Leaves the credentials out.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Settings").field("brand", &self.brand).field("sender_id", &self.sender_id).finish_non_exhaustive()
    }
}

/// Why no client can be made of the settings, in words for the operator.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Not a URL that paths can be added to.
    #[error("the provider's base URL must be an https address without a user name, query or fragment, as in https://api.nexmo.com")]
    BaseUrl,
    /// The secret would travel in the clear.
    #[error("the provider's base URL must begin with https; http is for a provider on this machine only")]
    Insecure,
    /// Key or secret is missing.
    #[error("the provider's API key and secret must both be set")]
    Credentials,
    /// The vendor takes at most 18 characters.
    #[error("the brand in the messages must have 1 to 18 characters")]
    Brand,
    /// The vendor takes at most 11 characters.
    #[error("the sender of the messages must have 1 to 11 characters")]
    SenderId,
    /// The system's certificates or its resolver cannot be used.
    #[error("the https client cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// Sends and checks codes through Vonage Verify v1.
#[derive(Clone, Debug)]
pub struct Vonage {
    http: Client,
    base: String,
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
    /// [`BuildError`] when a setting cannot work, or this machine cannot do TLS.
    pub fn new(settings: Settings) -> Result<Self, BuildError> {
        let base = base(&settings.base_url)?;
        if settings.api_key.is_empty() || settings.api_secret.is_empty() {
            return Err(BuildError::Credentials);
        }
        if !(1..=18).contains(&settings.brand.chars().count()) {
            return Err(BuildError::Brand);
        }
        if settings.sender_id.as_ref().is_some_and(|sender| !(1..=11).contains(&sender.chars().count())) {
            return Err(BuildError::SenderId);
        }
        Ok(Self { http: http_client()?, base, settings })
    }

    /// Has a code made and sent: one message, no reminders, six digits, good for [`CODE_LIFE`].
    pub async fn start(&self, phone: &Phone, channel: Channel) -> Start {
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
        fields.extend(self.settings.sender_id.as_deref().map(|sender| ("sender_id", sender)));
        match self.ask("verify/json", &fields).await {
            Ok(answer) => started(&answer),
            Err(fault) => Start::Fault(fault),
        }
    }

    /// Tries a code.
    pub async fn check(&self, id: &RequestId, code: &str) -> Check {
        let answer = match self.ask("verify/check/json", &[("request_id", id.as_str()), ("code", code)]).await {
            Ok(answer) => answer,
            Err(fault) => return Check::Fault(fault),
        };
        match answer.status.as_str() {
            "0" if answer.is_about(id) => Check::Approved,
            "16" => Check::Wrong,
            "17" => Check::TooManyWrong,
            "6" | "101" => Check::Gone,
            _ => Check::Fault(answer.fault()),
        }
    }

    /// Calls a verification off, so that another may start on its number.
    pub async fn cancel(&self, id: &RequestId) -> Cancel {
        match self.control(id, "cancel").await {
            Ok(Control::Done) => Cancel::Done,
            Ok(Control::NotNow) => Cancel::NotNow,
            Ok(Control::Gone) => Cancel::Gone,
            Err(fault) => Cancel::Fault(fault),
        }
    }

    /// Has the next message of a verification sent now. Those that [`Vonage::start`] makes have one message only.
    pub async fn next(&self, id: &RequestId) -> Next {
        match self.control(id, "trigger_next_event").await {
            Ok(Control::Done) => Next::Sent,
            Ok(Control::NotNow) => Next::NotNow,
            Ok(Control::Gone) => Next::Gone,
            Err(fault) => Next::Fault(fault),
        }
    }

    async fn control(&self, id: &RequestId, command: &str) -> Result<Control, Fault> {
        let answer = self.ask("verify/control/json", &[("request_id", id.as_str()), ("cmd", command)]).await?;
        let obeyed = answer.command.as_deref().is_none_or(|obeyed| obeyed == command);
        match answer.status.as_str() {
            "0" if obeyed && answer.is_about(id) => Ok(Control::Done),
            "19" => Ok(Control::NotNow),
            "6" | "101" => Ok(Control::Gone),
            _ => Err(answer.fault()),
        }
    }

    async fn ask(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, Fault> {
        let credentials = [("api_key", self.settings.api_key.as_str()), ("api_secret", self.settings.api_secret.as_str())];
        let form: Vec<_> = credentials.iter().chain(fields).collect();
        let mut response = self.http.post(format!("{}/{path}", self.base)).form(&form).send().await.map_err(|error| lost(&error))?;
        match response.status().as_u16() {
            200 if is_json(&response) => read_answer(&mut response).await,
            401..=403 => Err(operator("refused by HTTP")),
            429 | 500..=599 => Err(Fault::Busy),
            _ => Err(nonsense()),
        }
    }
}

enum Control {
    Done,
    NotNow,
    Gone,
}

impl Answer {
    /// The id in an answer that must bring one: 32 hexadecimal digits, or it is not the vendor's.
    fn id(&self) -> Option<RequestId> {
        let id = self.request_id.as_ref()?;
        (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| RequestId::new(id.clone()))
    }

    /// Whether this answers the question about `id`; an answer that names no id answers the question that was asked.
    fn is_about(&self, id: &RequestId) -> bool {
        self.request_id.as_deref().is_none_or(|named| named == id.as_str())
    }

    /// What is left when a status says nothing about the number or the code.
    fn fault(&self) -> Fault {
        if let Some(status) = OPERATOR_STATUSES.iter().find(|status| **status == self.status) {
            return operator(status);
        }
        match self.status.as_str() {
            "1" | "5" => Fault::Busy,
            _ => nonsense(),
        }
    }

    fn blames_our_settings(&self) -> bool {
        self.error_text.as_ref().is_some_and(|text| OUR_PARAMETERS.iter().any(|parameter| text.contains(parameter)))
    }
}

fn started(answer: &Answer) -> Start {
    match answer.status.as_str() {
        "0" => answer.id().map_or_else(|| Start::Fault(nonsense()), Start::Sent),
        "10" => answer.id().map_or_else(|| Start::Fault(nonsense()), Start::Running),
        "2" | "3" if answer.blames_our_settings() => Start::Fault(operator("invalid setting")),
        "2" | "3" => Start::NumberRefused(NumberRefusal::Invalid),
        "6" => Start::NumberRefused(NumberRefusal::Unreachable),
        "7" => Start::NumberRefused(NumberRefusal::Blocked),
        "15" => Start::NumberRefused(NumberRefusal::Unsupported),
        _ => Start::Fault(answer.fault()),
    }
}

fn base(base_url: &str) -> Result<String, BuildError> {
    let url = Url::parse(base_url).map_err(|_| BuildError::BaseUrl)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(BuildError::BaseUrl),
    };
    match url.scheme() {
        "https" | "http" if !plain => Err(BuildError::BaseUrl),
        "http" if !here => Err(BuildError::Insecure),
        "https" | "http" => Ok(url.as_str().trim_end_matches('/').to_owned()),
        _ => Err(BuildError::BaseUrl),
    }
}

fn http_client() -> Result<Client, reqwest::Error> {
    // An error means that a provider of cryptography is installed already, and then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        .redirect(redirect::Policy::none())
        // A second try may be a second text, and would be one the limits know nothing of.
        .retry(retry::never())
        // A connection kept for later may die just as a question is written to it, and nobody could say whether a text went out.
        .pool_max_idle_per_host(0)
        // The environment is read in one place, and not here.
        .no_proxy()
        .user_agent("Pollstr")
        .build()
}

/// An answer that does not say what it is may pass for JSON, if it can be read as such; one that says it is something else may not.
fn is_json(response: &Response) -> bool {
    let Some(declared) = response.headers().get(header::CONTENT_TYPE) else {
        return true;
    };
    let media_type = declared.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

async fn read_answer(response: &mut Response) -> Result<Answer, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > MOST_BODY {
            return Err(nonsense());
        }
        body.extend_from_slice(&chunk);
    }
    // Deserializing would take a list for an object as well.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(nonsense());
    }
    serde_json::from_slice(&body).map_err(|_| nonsense())
}

fn lost(error: &reqwest::Error) -> Fault {
    tracing::warn!(connecting = error.is_connect(), timeout = error.is_timeout(), "the verification provider did not answer");
    Fault::Unreachable
}

fn nonsense() -> Fault {
    tracing::warn!("the verification provider gave an answer that is not documented");
    Fault::Nonsense
}

fn operator(status: &'static str) -> Fault {
    tracing::error!(status, "the verification provider refuses this account: look at its credentials, credit and settings");
    Fault::Operator
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::body::{Body, Bytes};
    use axum::http::{StatusCode, Uri};
    use axum::response::IntoResponse;
    use axum::{Router, routing::any};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "ffffffffffffffffffffffffffffffff";

    fn settings(base_url: &str) -> Settings {
        Settings {
            base_url: base_url.to_owned(),
            api_key: "key-1".to_owned(),
            api_secret: "s3cret&=+ß".to_owned(),
            brand: "Pollstr".to_owned(),
            sender_id: None,
        }
    }

    async fn serve(router: Router) -> Vonage {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Vonage::new(settings(&format!("http://{address}/pretended/"))).unwrap()
    }

    /// A provider that says the same to everything.
    async fn saying(status: u16, content_type: Option<&'static str>, body: impl Into<Bytes>) -> Vonage {
        let body = body.into();
        let answer = move || async move {
            let mut response = (StatusCode::from_u16(status).unwrap(), Body::from(body)).into_response();
            response.headers_mut().remove(header::CONTENT_TYPE);
            response.headers_mut().extend(content_type.map(|value| (header::CONTENT_TYPE, value.parse().unwrap())));
            response
        };
        serve(Router::new().fallback(any(answer))).await
    }

    async fn json(body: &str) -> Vonage {
        saying(200, Some("application/json"), body.to_owned()).await
    }

    fn phone() -> Phone {
        Phone::from_stored("+447700900123".to_owned()).unwrap()
    }

    fn id() -> RequestId {
        RequestId::new(ID.to_owned())
    }

    /// Asks all four questions.
    async fn ask_all(provider: &Vonage) -> (Start, Check, Cancel, Next) {
        let (id, phone) = (id(), phone());
        tokio::join!(provider.start(&phone, Channel::Sms), provider.check(&id, "123456"), provider.cancel(&id), provider.next(&id))
    }

    fn all(fault: Fault) -> (Start, Check, Cancel, Next) {
        (Start::Fault(fault), Check::Fault(fault), Cancel::Fault(fault), Next::Fault(fault))
    }

    #[tokio::test]
    async fn every_status_has_its_meaning() {
        use NumberRefusal::{Blocked, Invalid, Unreachable, Unsupported};
        let refused = Start::NumberRefused;
        let (busy, operator, odd) = (Fault::Busy, Fault::Operator, Fault::Nonsense);
        let table = [
            ("1", all(busy)),
            ("2", (refused(Invalid), Check::Fault(odd), Cancel::Fault(odd), Next::Fault(odd))),
            ("3", (refused(Invalid), Check::Fault(odd), Cancel::Fault(odd), Next::Fault(odd))),
            ("4", all(operator)),
            ("5", all(busy)),
            ("6", (refused(Unreachable), Check::Gone, Cancel::Gone, Next::Gone)),
            ("7", (refused(Blocked), Check::Fault(odd), Cancel::Fault(odd), Next::Fault(odd))),
            ("8", all(operator)),
            ("9", all(operator)),
            ("10", (Start::Running(id()), Check::Fault(odd), Cancel::Fault(odd), Next::Fault(odd))),
            ("15", (refused(Unsupported), Check::Fault(odd), Cancel::Fault(odd), Next::Fault(odd))),
            ("16", (Start::Fault(odd), Check::Wrong, Cancel::Fault(odd), Next::Fault(odd))),
            ("17", (Start::Fault(odd), Check::TooManyWrong, Cancel::Fault(odd), Next::Fault(odd))),
            ("18", all(odd)),
            ("19", (Start::Fault(odd), Check::Fault(odd), Cancel::NotNow, Next::NotNow)),
            ("20", all(operator)),
            ("29", all(operator)),
            ("101", (Start::Fault(odd), Check::Gone, Cancel::Gone, Next::Gone)),
            ("", all(odd)),
            ("00", all(odd)),
            ("0 ", all(odd)),
            ("ok", all(odd)),
        ];
        for (status, expected) in table {
            let provider = json(&format!(r#"{{"status":"{status}","error_text":"no","request_id":"{ID}"}}"#)).await;
            assert_eq!(ask_all(&provider).await, expected, "status {status:?}");
        }
    }

    #[tokio::test]
    async fn an_invalid_setting_is_not_blamed_on_the_number() {
        for (text, expected) in [
            ("Invalid value for param: number", Start::NumberRefused(NumberRefusal::Invalid)),
            ("Invalid value for param: sender_id", Start::Fault(Fault::Operator)),
            ("Missing mandatory param: brand", Start::Fault(Fault::Operator)),
        ] {
            let provider = json(&format!(r#"{{"status":"3","error_text":"{text}"}}"#)).await;
            assert_eq!(provider.start(&phone(), Channel::Sms).await, expected, "{text}");
        }
    }

    #[tokio::test]
    async fn the_documented_success_is_success() {
        let started = json(&format!(r#" {{"request_id":"{ID}","status":"0"}} "#)).await;
        assert_eq!(started.start(&phone(), Channel::Voice).await, Start::Sent(id()));
        let checked = format!(r#"{{"request_id":"{ID}","event_id":"0A","status":"0","price":"0.10000000","currency":"EUR"}}"#);
        for content_type in [Some("application/json"), Some("Application/JSON; charset=utf-8"), None] {
            let provider = saying(200, content_type, checked.clone()).await;
            assert_eq!(provider.check(&id(), "123456").await, Check::Approved, "{content_type:?}");
        }
        assert_eq!(json(r#"{"status":"0","command":"cancel"}"#).await.cancel(&id()).await, Cancel::Done);
        assert_eq!(json(r#"{"status":"0","command":"trigger_next_event"}"#).await.next(&id()).await, Next::Sent);
    }

    #[tokio::test]
    async fn nothing_else_is_success() {
        let bodies = [
            String::new(),
            "null".to_owned(),
            r#""0""#.to_owned(),
            "{}".to_owned(),
            "<html>0</html>".to_owned(),
            format!(r#"["0","{ID}"]"#),
            format!(r#"[{{"status":"0","request_id":"{ID}"}}]"#),
            format!(r#"{{"status":0,"request_id":"{ID}"}}"#),
            format!(r#"{{"status":null,"request_id":"{ID}"}}"#),
            format!(r#"{{"status":["0"],"request_id":"{ID}"}}"#),
            format!(r#"{{"status":"completed","request_id":"{ID}"}}"#),
            format!(r#"{{"Status":"0","request_id":"{ID}"}}"#),
            format!(r#"{{"status":"16","status":"0","request_id":"{ID}"}}"#),
            format!(r#"{{"status":"0","request_id":"{ID}"}}{{"status":"0"}}"#),
            format!(r#"{{"status":"0","request_id":"{ID}""#),
            r#"{"status":"0","request_id":7}"#.to_owned(),
            format!(r#"{{"status":"0","request_id":"{ID}","command":true}}"#),
        ];
        for body in bodies {
            assert_eq!(ask_all(&json(&body).await).await, all(Fault::Nonsense), "{body}");
        }
        assert_eq!(json(r#"{"status":"0","command":"cancel"}"#).await.next(&id()).await, Next::Fault(Fault::Nonsense));
        let other = json(&format!(r#"{{"status":"0","request_id":"{OTHER}"}}"#)).await;
        let (_, check, cancel, next) = ask_all(&other).await;
        let fault = Fault::Nonsense;
        assert_eq!((check, cancel, next), (Check::Fault(fault), Cancel::Fault(fault), Next::Fault(fault)));
    }

    #[tokio::test]
    async fn a_start_needs_an_id_of_the_right_shape() {
        for status in ["0", "10"] {
            let misshapen =
                ["", "0123", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0", "../../../../../../../../../../.."];
            for odd in misshapen {
                let provider = json(&format!(r#"{{"status":"{status}","request_id":"{odd}"}}"#)).await;
                assert_eq!(provider.start(&phone(), Channel::Sms).await, Start::Fault(Fault::Nonsense), "{status} {odd}");
            }
            let provider = json(&format!(r#"{{"status":"{status}"}}"#)).await;
            assert_eq!(provider.start(&phone(), Channel::Sms).await, Start::Fault(Fault::Nonsense));
        }
    }

    #[tokio::test]
    async fn success_under_another_http_status_or_type_is_none() {
        let success = format!(r#"{{"status":"0","request_id":"{ID}"}}"#);
        let statuses = [
            (201, Fault::Nonsense),
            (204, Fault::Nonsense),
            (301, Fault::Nonsense),
            (400, Fault::Nonsense),
            (401, Fault::Operator),
            (402, Fault::Operator),
            (403, Fault::Operator),
            (404, Fault::Nonsense),
            (429, Fault::Busy),
            (500, Fault::Busy),
            (503, Fault::Busy),
        ];
        for (status, fault) in statuses {
            let provider = saying(status, Some("application/json"), success.clone()).await;
            assert_eq!(ask_all(&provider).await, all(fault), "HTTP {status}");
        }
        for content_type in ["text/html", "text/plain; charset=utf-8", "application/jsonp", "application/problem+json", ""] {
            let provider = saying(200, Some(content_type), success.clone()).await;
            assert_eq!(ask_all(&provider).await, all(Fault::Nonsense), "{content_type}");
        }
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_cap_and_no_further() {
        let padded = |length: usize| {
            let bare = format!(r#"{{"status":"0","request_id":"{ID}"}}"#);
            bare.clone() + &" ".repeat(length - bare.len())
        };
        assert_eq!(json(&padded(MOST_BODY)).await.check(&id(), "123456").await, Check::Approved);
        assert_eq!(json(&padded(MOST_BODY + 1)).await.check(&id(), "123456").await, Check::Fault(Fault::Nonsense));
    }

    #[tokio::test]
    async fn a_question_is_a_form_with_all_that_belongs_in_it_and_nothing_in_the_url() {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let record = Arc::clone(&seen);
        let keep = move |uri: Uri, body: String| async move { record.lock().unwrap().push(format!("{uri} {body}")) };
        let mut provider = serve(Router::new().fallback(any(keep))).await;
        provider.settings.sender_id = Some("Club 7".to_owned());
        provider.start(&phone(), Channel::Sms).await;
        provider.settings.sender_id = None;
        provider.start(&phone(), Channel::Voice).await;
        provider.check(&id(), "12 & 6").await;
        provider.cancel(&id()).await;
        provider.next(&id()).await;
        let key = "api_key=key-1&api_secret=s3cret%26%3D%2B%C3%9F";
        let start = format!("/pretended/verify/json {key}&number=447700900123&brand=Pollstr&code_length=6&pin_expiry=300&workflow_id=");
        let expected = [
            format!("{start}6&sender_id=Club+7"),
            format!("{start}7"),
            format!("/pretended/verify/check/json {key}&request_id={ID}&code=12+%26+6"),
            format!("/pretended/verify/control/json {key}&request_id={ID}&cmd=cancel"),
            format!("/pretended/verify/control/json {key}&request_id={ID}&cmd=trigger_next_event"),
        ];
        assert_eq!(*seen.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn a_connection_that_is_cut_or_refused_is_not_tried_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Vonage::new(settings(&format!("http://{}", listener.local_addr().unwrap()))).unwrap();
        let connections = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&connections);
        let cutter = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                *counted.lock().unwrap() += 1;
                let _ = stream.read(&mut [0; 4096]).await;
            }
        });
        assert_eq!(ask_all(&provider).await, all(Fault::Unreachable));
        assert_eq!(*connections.lock().unwrap(), 4);
        cutter.abort();
        let _ = cutter.await;
        assert_eq!(ask_all(&provider).await, all(Fault::Unreachable));
    }

    #[tokio::test]
    async fn an_answer_that_trickles_is_given_up_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Vonage::new(settings(&format!("http://{}", listener.local_addr().unwrap()))).unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n").await.unwrap();
                    // Each byte comes soon after the last, so that only a limit on the whole helps.
                    while stream.write_all(b" ").await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                });
            }
        });
        let answers = tokio::time::timeout(Duration::from_secs(6), ask_all(&provider)).await;
        assert_eq!(answers, Ok(all(Fault::Unreachable)));
    }

    #[test]
    fn settings_that_cannot_work_are_refused_in_words() {
        let refusal = |change: fn(&mut Settings)| {
            let mut settings = settings("https://api.nexmo.com");
            change(&mut settings);
            Vonage::new(settings).map(|vonage| vonage.base).map_err(|error| error.to_string())
        };
        assert_eq!(refusal(|_| {}).as_deref(), Ok("https://api.nexmo.com"));
        for good in ["http://127.0.0.1:9/", "http://[::1]:9", "http://localhost:9/sim//", "https://example.org/a/b"] {
            assert!(base(good).is_ok(), "{good}");
        }
        let unusable = ["", "api.nexmo.com", "ftp://api.nexmo.com", "https://", "https://u:p@example.org", "https://example.org/?a", "a:b"];
        for bad in unusable {
            assert!(matches!(base(bad), Err(BuildError::BaseUrl)), "{bad}");
        }
        for open in ["http://api.nexmo.com", "http://localhost.example.org", "http://10.0.0.1", "http://127.0.0.1.example.org"] {
            assert!(matches!(base(open), Err(BuildError::Insecure)), "{open}");
        }
        assert!(refusal(|s| s.api_key.clear()).unwrap_err().contains("key"));
        assert!(refusal(|s| s.api_secret.clear()).unwrap_err().contains("secret"));
        assert!(refusal(|s| s.brand = "x".repeat(19)).unwrap_err().contains("brand"));
        assert!(refusal(|s| s.sender_id = Some(String::new())).unwrap_err().contains("sender"));
    }

    #[tokio::test]
    async fn credentials_show_in_no_debug_output() {
        let provider = Vonage::new(settings("https://api.nexmo.com")).unwrap();
        let shown = format!("{provider:?} {:?}", provider.settings);
        assert!(!shown.contains("key-1") && !shown.contains("s3cret"), "{shown}");
    }
}
