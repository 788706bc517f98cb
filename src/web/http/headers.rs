//! The headers on every answer, whatever it is.

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// Nothing but this site's own files: no inline script or style, no form that posts elsewhere, and a frame around it only by whom
/// that is allowed.
macro_rules! policy {
    ($framed_by:literal) => {
        HeaderValue::from_static(concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
             frame-ancestors ",
            $framed_by,
            "; base-uri 'none'; object-src 'none'"
        ))
    };
}

/// How far other sites may use an answer, where it is more than not at all. A handler adds it to its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// They may show it as a part of theirs, such as a picture.
    Shown,
    /// They may put it into a frame.
    Framed,
}

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (CONTENT_SECURITY_POLICY, policy!("'none'")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
];

/// Sets the headers; `https` says whether browsers may be told to come by https alone.
pub async fn set(State(https): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let open = response.extensions().get::<Open>().copied();
    let headers = response.headers_mut();
    headers.extend(HEADERS);
    if open.is_some() {
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    }
    if open == Some(Open::Framed) {
        headers.insert(CONTENT_SECURITY_POLICY, policy!("*"));
    }
    if https {
        // This host alone: what else stands below its name is not ours to promise for.
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
    response
}
