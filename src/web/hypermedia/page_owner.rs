//! The account that a page was rendered for. While the page is open, another account may log in in
//! another window of the same browser: the page's forms must not act for that account, and the next
//! htmx navigation must not leave the former name in the header.

use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;

use crate::platform::crypto::Mac32;
use crate::web::location::NextPath;

/// The header in which htmx sends the owner of the document.
const HEADER: &str = "x-made-for";
const ANONYMOUS: &str = "anonymous";

/// Marks a request whose viewer was remembered rather than read. Only reading a page, and a vote,
/// which is checked again in its transaction, may act on it.
#[derive(Clone, Copy, Debug)]
pub struct Remembered;

/// An opaque tag of a page's account and of the state shown in the header. It reveals nothing about
/// the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOwner(String);

impl Default for PageOwner {
    fn default() -> Self {
        Self(ANONYMOUS.to_owned())
    }
}

impl PageOwner {
    /// Creates the tag of an account, with or without a verified number in this session.
    #[must_use]
    pub fn person(mark: Mac32, verified: bool) -> Self {
        let mark = BASE64URL_NOPAD.encode(&mark);
        Self(format!(
            "{mark}.{}",
            if verified { "verified" } else { "logged-in" }
        ))
    }

    /// Returns the tag of the account that sent a request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        parts.extensions.get().cloned().unwrap_or_default()
    }

    /// Returns the tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value of the `hx-headers` attribute.
    #[must_use]
    pub fn headers(&self) -> String {
        format!(r#"{{"{HEADER}":"{}"}}"#, self.0)
    }

    /// Returns whether htmx navigates from a document whose header was rendered for another account
    /// or state.
    #[must_use]
    pub fn differs_from_document(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // Only boosted links and forms, not streams or searches that replace part of a page.
        let step = text("hx-boosted").is_some() && text("hx-history-restore-request").is_none();
        step && text(HEADER).is_some_and(|tag| tag != self.0)
    }

    /// Returns whether a form was rendered for another account than this one.
    #[must_use]
    pub fn differs_from_form(&self, form: &str) -> bool {
        let who = |tag: &'_ str| tag.split('.').next().unwrap_or_default().to_owned();
        let (form, own) = (who(form), who(&self.0));
        // An anonymous form is for logging in, which replaces the session; and a request without a
        // session acts for no account.
        !form.is_empty() && ![form.as_str(), own.as_str()].contains(&ANONYMOUS) && form != own
    }
}

/// Makes htmx load the whole page, including the header.
#[must_use]
pub fn full_reload(page: &Uri) -> Response {
    let path = page
        .path_and_query()
        .and_then(|path| NextPath::parse(path.as_str()));
    let path = path
        .and_then(|path| HeaderValue::from_str(path.as_str()).ok())
        .unwrap_or_else(|| HeaderValue::from_static("/"));
    (
        [
            (HeaderName::from_static("hx-redirect"), path),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        StatusCode::OK,
    )
        .into_response()
}

#[cfg(test)]
#[path = "page_owner_tests.rs"]
mod tests;
