//! How answers can go wrong, whoever's wire they travel on.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use crate::simulator::protocol::{Question, Reply, Wire};

/// How long an answer gets that is far too long.
const HUGE: usize = 10 * 1024 * 1024;

/// Where [`WireFault::RedirectElsewhere`] leads: the same path with this query, where everything is answered as if all were well.
pub(super) const ELSEWHERE: &str = "elsewhere";

/// How answers can go wrong. Unless it says otherwise, what was asked for is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// No answer ever comes.
    Hang,
    /// HTTP 500.
    Status500,
    /// HTTP 429.
    Status429,
    /// A page instead of an answer, under HTTP 200.
    Html,
    /// The question is acted upon; half of the answer arrives.
    Truncated,
    /// The question is acted upon; the answer is right, and 10 MB long.
    Huge,
    /// HTTP 307 to where anything is answered with success. The question is acted upon there, if the client follows.
    RedirectElsewhere,
    /// Success to anything, but for a status, or else an id, that is the number 0.
    NumericStatus,
    /// Success to anything, about a request that is not the one asked about.
    OtherRequestId,
    /// The provider's own word for too many questions.
    Throttled,
    /// The provider's own word for a stranger.
    BadCredentials,
    /// The question is acted upon, and the answer never comes.
    LostAnswer,
    /// The question is acted upon, and answered after three seconds.
    Slow,
}

impl WireFault {
    pub(super) const fn acts(self) -> bool {
        matches!(
            self,
            Self::Truncated | Self::Huge | Self::LostAnswer | Self::Slow
        )
    }

    /// The reply that went wrong, or none at all. `answer` is the right one where the question was acted upon.
    pub(super) fn spoil(
        self,
        wire: &dyn Wire,
        question: &Question,
        answer: Option<Reply>,
    ) -> Option<Response> {
        let right = answer.unwrap_or_else(|| Reply::empty(200));
        Some(match self {
            Self::Hang | Self::LostAnswer => return None,
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
                // Without a body there is nothing to be cut, and the first word of another answer is as good.
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
                let pretence = wire.pretence(question, "");
                let mut body = pretence
                    .body
                    .unwrap_or_else(|| json!({"status": "completed"}));
                let wrong = if body.get("status").is_some() {
                    "status"
                } else {
                    "request_id"
                };
                body[wrong] = Value::from(0);
                Reply::new(
                    if pretence.status == 204 {
                        200
                    } else {
                        pretence.status
                    },
                    body,
                )
                .into_response()
            }
            Self::OtherRequestId => wire.pretence(question, &wire.any_id()).into_response(),
            Self::Throttled => wire.throttled().into_response(),
            Self::BadCredentials => wire.stranger().into_response(),
        })
    }
}
