//! What the wires of all vendors have in common: which address is whose, a question that came over HTTP, and the reply to it.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::Value;
use url::form_urlencoded;

use crate::platform::clock::Seconds;
use crate::simulator::network::Network;

/// How one vendor is spoken to.
pub(super) trait Wire: Sync {
    /// Answers a question as the vendor would.
    fn answer(&self, network: &mut Network, question: &Question, now: Seconds) -> Reply;
    /// Looks like success, whatever was asked and whether or not it is true: for clients that believe too easily.
    fn pretence(&self, question: &Question, id: &str) -> Reply;
    /// An id that nobody has.
    fn any_id(&self) -> String;
    /// Says that there were too many questions.
    fn throttled(&self) -> Reply;
    /// Says that it does not know who asks.
    fn stranger(&self) -> Reply;
}

/// Which question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Start,
    Check,
    /// What is to be done stands in the form.
    Control,
    Cancel,
    Next,
    Search,
    /// Looks at the vendor's own side: is there such a service?
    Service,
}

/// A question with all that it may bring.
pub(super) struct Question {
    pub endpoint: Endpoint,
    /// The verification that the address names, or nothing.
    pub id: String,
    /// The service that the address names, or nothing.
    pub service: String,
    /// Name and secret, if both are there.
    pub login: Option<(String, String)>,
    pub form: Form,
    pub json: Value,
}

/// The name and secret of HTTP's basic authentication.
pub(super) fn login(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64.decode(encoded.as_bytes()).ok()?).ok()?;
    let (name, secret) = decoded.split_once(':')?;
    (!name.is_empty() && !secret.is_empty()).then(|| (name.to_owned(), secret.to_owned()))
}

/// The fields of a question, in order; a name may come more than once.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form-encoded body or query. Whatever is not one has no fields.
    pub(super) fn read(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn all<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(|(key, _)| names.contains(&key.as_str()))
            .map(|(_, value)| value.as_str())
    }
}

/// A reply: a status, and a JSON object or nothing.
pub(super) struct Reply {
    pub status: u16,
    pub body: Option<Value>,
}

impl Reply {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            body: Some(body),
        }
    }

    pub(super) const fn empty(status: u16) -> Self {
        Self { status, body: None }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self.body {
            // A problem says so by its `type`, as RFC 9457 has it.
            Some(body) if body.get("type").is_some() => (
                status,
                [(header::CONTENT_TYPE, "application/problem+json")],
                body.to_string(),
            )
                .into_response(),
            Some(body) => (status, Json(body)).into_response(),
            None => status.into_response(),
        }
    }
}

/// Whether this is a number with its country code, without `+`.
pub(super) fn is_number(digits: &str) -> bool {
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// 32 hexadecimal digits, which every vendor's ids are made of.
pub(super) fn random_hex() -> Result<String, getrandom::Error> {
    Ok(format!(
        "{:016x}{:016x}",
        getrandom::u64()?,
        getrandom::u64()?
    ))
}
