//! Middleware around pages: error pages for bare errors, a deadline, and panics.

use std::any::Any;

use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::web::hypermedia::dispatch::{AGAIN, Site};
use crate::web::hypermedia::response::PATIENCE;

/// Dresses an error that came from below the pages, such as a body that never arrived, in a page of this site.
pub async fn dress_errors(
    State(site): State<Site>,
    request: Request,
    next: axum::middleware::Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    let bare = response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if response.status().as_u16() < 400 || !bare {
        return response;
    }
    let mut dressed = site.error(parts, response.status(), String::new()).await;
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        dressed.headers_mut().entry(RETRY_AFTER).or_insert(AGAIN);
    }
    dressed
}

/// Answers whoever reads in time, though what they read is not there. What somebody posts has its own limits, for it must not be cut.
pub async fn in_time(request: Request, next: axum::middleware::Next) -> Response {
    if !request.method().is_safe() {
        return next.run(request).await;
    }
    let answer = timeout(PATIENCE, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        tracing::error!("an answer was not ready in time");
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [
                (RETRY_AFTER, AGAIN),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response()
    })
}

/// What to answer when something has panicked; `dress_errors` makes a page of it.
#[must_use]
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
