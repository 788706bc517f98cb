//! Simulated faults of responses, for all providers.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use crate::simulator::protocol::{ApiRequest, Reply, VendorProtocol};

/// Body size of [`WireFault::Huge`], in bytes.
const HUGE: usize = 10 * 1024 * 1024;

/// Query of the target of [`WireFault::RedirectElsewhere`], where everything is answered with
/// success.
pub(super) const ELSEWHERE: &str = "elsewhere";

/// A fault. Unless noted otherwise, the request is not processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// No response ever arrives.
    Hang,
    /// HTTP 500.
    Status500,
    /// HTTP 429.
    Status429,
    /// An HTML page instead of a response, with HTTP 200.
    Html,
    /// The request is processed; half of the response arrives.
    Truncated,
    /// The request is processed; the response is valid, and 10 MB long.
    Huge,
    /// HTTP 307 to a URL that answers everything with success. The request is processed if the
    /// client follows.
    RedirectElsewhere,
    /// Success for everything, but the status, or else the id, is the number 0.
    NumericStatus,
    /// Success for everything, but for another request id.
    OtherRequestId,
    /// The provider's rate limit error.
    Throttled,
    /// The provider's authentication error.
    BadCredentials,
    /// The request is processed, and the response never arrives.
    LostResponse,
    /// The request is processed, and answered after three seconds.
    Slow,
}

impl WireFault {
    pub(super) const fn acts(self) -> bool {
        matches!(
            self,
            Self::Truncated | Self::Huge | Self::LostResponse | Self::Slow
        )
    }

    /// Returns the faulty response, or `None` if none arrives. `answer` is the valid response, if
    /// the request was processed.
    pub(super) fn corrupt(
        self,
        wire: &dyn VendorProtocol,
        question: &ApiRequest,
        answer: Option<Reply>,
    ) -> Option<Response> {
        let right = answer.unwrap_or_else(|| Reply::empty(200));
        Some(match self {
            Self::Hang | Self::LostResponse => return None,
            Self::Slow => right.into_response(),
            Self::Status500 => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response()
            }
            Self::Status429 => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests").into_response(),
            Self::Html => {
                Html("<!doctype html><title>Sign in to the network</title>").into_response()
            }
            Self::Truncated => {
                let whole = right.body.unwrap_or_default().to_string();
                let half: String = whole.chars().take(whole.len() / 2).collect();
                let status = StatusCode::from_u16(right.status).unwrap_or_default();
                // 204 can't have a body to truncate; half of a 200 response tests the same.
                let status = if status == StatusCode::NO_CONTENT {
                    StatusCode::OK
                } else {
                    status
                };
                (status, [(header::CONTENT_TYPE, "application/json")], half).into_response()
            }
            Self::Huge => {
                let body = right
                    .body
                    .unwrap_or_else(|| json!({"status": "completed"}))
                    .to_string();
                let padded =
                    body.replacen('{', &format!("{{\"padding\":\"{}\",", "x".repeat(HUGE)), 1);
                let status = StatusCode::from_u16(if right.status == 204 {
                    200
                } else {
                    right.status
                })
                .unwrap_or_default();
                (status, [(header::CONTENT_TYPE, "application/json")], padded).into_response()
            }
            Self::RedirectElsewhere => (
                StatusCode::TEMPORARY_REDIRECT,
                [(header::LOCATION, format!("?{ELSEWHERE}"))],
            )
                .into_response(),
            Self::NumericStatus => {
                let fake_success = wire.fake_success(question, "");
                let mut body = fake_success
                    .body
                    .unwrap_or_else(|| json!({"status": "completed"}));
                let wrong = if body.get("status").is_some() {
                    "status"
                } else {
                    "request_id"
                };
                body[wrong] = Value::from(0);
                Reply::new(
                    if fake_success.status == 204 {
                        200
                    } else {
                        fake_success.status
                    },
                    body,
                )
                .into_response()
            }
            Self::OtherRequestId => wire.fake_success(question, &wire.any_id()).into_response(),
            Self::Throttled => wire.throttled().into_response(),
            Self::BadCredentials => wire.stranger().into_response(),
        })
    }
}
