//! Security headers, set on every response.

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

/// The Content Security Policy: only this site's own files, no inline script or style, no form that
/// posts elsewhere, and framing only by `$framed_by`.
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

/// How other sites may use a response; without it they can't. A handler adds it to the response's
/// extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// Other sites may load it, such as an image.
    Shown,
    /// Other sites may frame it.
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

/// Sets the headers. With `https`, also `Strict-Transport-Security`.
pub async fn set(
    https: bool,
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let mut response = next(request).await;
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
        // Without `includeSubDomains`: other hosts below this name may not support HTTPS.
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
    response
}
