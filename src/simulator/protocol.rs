//! What the vendors' protocols have in common: endpoints, requests and replies.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::Value;
use url::form_urlencoded;

use crate::platform::clock::Seconds;
use crate::simulator::network::Network;

/// A vendor's wire protocol.
pub(super) trait VendorProtocol: Sync {
    /// Answers a request as the vendor would.
    fn answer(&self, network: &mut Network, question: &ApiRequest, now: Seconds) -> Reply;
    /// Returns a fake success, whatever was requested, to test that clients verify responses.
    fn fake_success(&self, question: &ApiRequest, id: &str) -> Reply;
    /// Returns an unused id.
    fn any_id(&self) -> String;
    /// Returns the vendor's rate limit error.
    fn throttled(&self) -> Reply;
    /// Returns the vendor's authentication error.
    fn stranger(&self) -> Reply;
}

/// The requested operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Start,
    Check,
    /// The command is in the form.
    Control,
    Cancel,
    Next,
    Search,
    /// Looks up a service.
    Service,
}

/// A parsed request.
pub(super) struct ApiRequest {
    pub endpoint: Endpoint,
    /// The verification id in the path, or empty.
    pub id: String,
    /// The service id in the path, or empty.
    pub service: String,
    /// User name and password, if both are set.
    pub login: Option<(String, String)>,
    pub form: Form,
    pub json: Value,
}

/// Parses the credentials of HTTP basic authentication.
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

/// The fields of a request, in order; names can repeat.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Parses a form-encoded body or query.
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

/// A reply: a status, and a JSON object or no body.
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
            // Only problem details (RFC 9457) have a `type`.
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

/// Returns whether this is a phone number with its country code, without `+`.
pub(super) fn is_number(digits: &str) -> bool {
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns 32 random hexadecimal digits, which all vendors' ids consist of.
pub(super) fn random_hex() -> Result<String, getrandom::Error> {
    Ok(format!(
        "{:016x}{:016x}",
        getrandom::u64()?,
        getrandom::u64()?
    ))
}
