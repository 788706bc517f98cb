//! The response with an image, which other sites may show and keep for a while.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::polls::sharing::og_image::OgImage;
use crate::web::http::headers::Open;

/// Cache lifetime. Short, so that a poll that is taken down disappears soon.
pub(super) const CACHE_FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Responds with an image, or with 304 if the client has it. Images of unlisted polls aren't
/// indexed.
pub(super) fn picture_response(picture: &OgImage, headers: &HeaderMap, listed: bool) -> Response {
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .unwrap_or_default();
    let known = known
        .split(',')
        .any(|known| known.trim().trim_start_matches("W/") == picture.etag);
    let head = [
        (CACHE_CONTROL, CACHE_FIVE_MINUTES),
        (
            ETAG,
            HeaderValue::from_str(&picture.etag).unwrap_or(HeaderValue::from_static("\"\"")),
        ),
    ];
    let mut response = if known {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, [(CONTENT_TYPE, "image/png")], picture.png.clone()).into_response()
    };
    if !listed {
        response.headers_mut().insert(
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex"),
        );
    }
    response.extensions_mut().insert(Open::Shown);
    response
}
