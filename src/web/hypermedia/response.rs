//! Responses for browsers, htmx and JSON clients: redirects, results and refusals.

use std::time::Duration;

use axum::http::header::{ACCEPT, CACHE_CONTROL, LOCATION, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::web::components::page::page_meta::Instead;
use crate::web::http::csrf::Csrf;
use crate::web::hypermedia::outcome::{Next, Refusal, Stay};
use crate::web::hypermedia::submission::Submission;
use crate::web::location::NextPath;

/// The kind of client, which decides the form of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Browser,
    Htmx,
    Json,
}

impl Caller {
    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let accept = headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .unwrap_or_default();
        if uri.path().starts_with("/api/")
            || (accept.contains("application/json") && !accept.contains("text/html"))
        {
            Self::Json
        } else if headers.contains_key("hx-request") {
            Self::Htmx
        } else {
            Self::Browser
        }
    }
}

pub(crate) fn accepted(next: &Value, caller: Caller) -> Response {
    if caller == Caller::Json {
        return json_answer(StatusCode::OK, next, None);
    }
    let next = serde_json::from_value(next.clone()).unwrap_or_else(|_| Next::to("/"));
    if caller == Caller::Htmx && next.reload {
        return (
            [(HeaderName::from_static("hx-redirect"), location(&next.path))],
            StatusCode::OK,
        )
            .into_response();
    }
    see_other(&next.path)
}

/// Returns the outcome of a form that stays on its page.
pub(crate) fn stay(next: &Value) -> Option<Stay> {
    serde_json::from_value(next.get("stay")?.clone()).ok()
}

/// Returns the redirect for a refusal, if it has one.
pub(crate) fn redirect_for(refusal: &Refusal) -> Option<Instead> {
    match refusal {
        Refusal::LogIn => Some(Instead::LogIn),
        Refusal::Verify => Some(Instead::Verify),
        Refusal::Elsewhere { path, .. } => Some(Instead::Path(path.clone())),
        _ => None,
    }
}

pub(crate) fn redirect_to(instead: &Instead, uri: &Uri) -> Response {
    let here = uri
        .path_and_query()
        .and_then(|here| NextPath::parse(here.as_str()));
    let after = |page: &str| {
        here.as_ref()
            .map_or_else(|| page.to_owned(), |here| here.after(page))
    };
    match instead {
        Instead::LogIn => see_other(&after("/login")),
        Instead::Verify => see_other(&after("/verify")),
        Instead::Path(path) => see_other(path),
    }
}

fn see_other(path: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [
            (LOCATION, location(path)),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
    )
        .into_response()
}

/// Converts a path to a header value; falls back to the home page.
fn location(path: &str) -> HeaderValue {
    HeaderValue::from_str(path).unwrap_or_else(|_| HeaderValue::from_static("/"))
}

pub(crate) fn json_refusal(refusal: &Refusal) -> Response {
    let message = Some(refusal.to_string()).filter(|message| !message.is_empty());
    let message = message.unwrap_or_else(|| "Please fix these fields.".to_owned());
    json_answer(
        status(refusal.status()),
        &json!({ "message": message, "fields": refusal.fields() }),
        refusal.wait(),
    )
}

pub(crate) fn json_answer(status: StatusCode, value: &Value, wait: Option<i64>) -> Response {
    let mut response = (status, [(CACHE_CONTROL, "no-store")], axum::Json(value)).into_response();
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, wait.into());
    }
    response
}

/// Tells htmx to leave the address bar unchanged.
pub(crate) fn keep_url(response: &mut Response) {
    response
        .headers_mut()
        .insert("hx-push-url", HeaderValue::from_static("false"));
}

pub(crate) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Deadline for rendering a page. It must reach the reader within six seconds.
pub(super) const PATIENCE: Duration = Duration::from_millis(5_750);

/// Deadline for rendering a page again after a failure, which took time already.
pub(super) const RENDER_DEADLINE_AFTER_FAILURE: Duration = Duration::from_millis(1_500);

/// Returns the message for a form whose token has expired or came without its cookie.
pub(crate) fn expired_token_message(parts: &Parts, submission: &Submission) -> String {
    let cookies = parts.extensions.get::<Csrf>().is_some_and(Csrf::has_cookie);
    let what = if cookies {
        "This page expired."
    } else {
        "This site needs cookies, but your browser didn't send ours. If you see this again, allow cookies for this site in your browser's settings."
    };
    match submission.secret() {
        Some(secret) => format!("{what} Please enter your {secret} again."),
        None => format!("{what} Nothing is lost: press the button again."),
    }
}
