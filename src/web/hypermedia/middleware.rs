//! Middleware around pages: error pages, a deadline, and panic handling.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tokio::time::timeout;

use crate::web::hypermedia::dispatch::{RETRY_AFTER_5S, Site};
use crate::web::hypermedia::response::PATIENCE;

/// Replaces a plain-text error from an inner layer, such as a body timeout, with an error page.
pub async fn error_pages(
    site: &Site,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (parts, body) = request.into_parts();
    let response = next(Request::from_parts(parts.clone(), body)).await;
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
        dressed
            .headers_mut()
            .entry(RETRY_AFTER)
            .or_insert(RETRY_AFTER_5S);
    }
    dressed
}

/// Times out reads with a 503. Posts are exempt, since they must not be cancelled midway.
pub async fn in_time(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    if !request.method().is_safe() {
        return next(request).await;
    }
    let answer = timeout(PATIENCE, next(request)).await;
    answer.unwrap_or_else(|_| {
        tracing::error!("an answer was not ready in time");
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [
                (RETRY_AFTER, RETRY_AFTER_5S),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response()
    })
}

/// Responds to a panic with a 500; [`error_pages`] turns it into an error page.
pub async fn catch_panics(
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let answer = AssertUnwindSafe(async { next(request).await });
    answer.catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a request panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}
