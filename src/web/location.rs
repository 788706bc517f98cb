//! The location of the current request, and paths to go on to.

use std::sync::Arc;

use leptos::prelude::use_context;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The location of the page being rendered.
#[derive(Clone, Debug, Default)]
pub struct Location {
    /// Path and query, raw and still percent-encoded.
    pub path_and_query: String,
    /// The query, decoded once.
    pub query: Vec<(String, String)>,
    /// Whether htmx requested only the main part.
    pub part: bool,
    /// Whether a program asks: its request neither accepts HTML nor is one of htmx.
    pub program: bool,
}

/// The public origin of the site, without a trailing slash, for absolute URLs.
#[derive(Clone, Debug, Default)]
pub struct Origin(pub Arc<str>);

impl Origin {
    /// Returns the site's origin.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// Returns a path of this site as an absolute URL.
    #[must_use]
    pub fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl Location {
    /// Returns the location of the page being rendered.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// Returns the segment of the path that follows another, decoded: the id in `/polls/{id}/vote`
    /// follows `polls`.
    #[must_use]
    pub fn segment_after(&self, name: &str) -> Option<String> {
        let path = self.path_and_query.split('?').next()?;
        let segment = path.split('/').skip_while(|part| *part != name).nth(1)?;
        let text = percent_decode_str(segment).decode_utf8().ok()?;
        Some(text.into_owned())
    }

    /// Returns the first query value with this name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A path on this site to redirect to. It cannot hold another origin, a scheme or control
/// characters, which prevents open redirects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPath(String);

impl NextPath {
    /// Parses an untrusted path and query; `None` for anything that might lead off this site.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Browsers read "\" as "/", drop tabs and line breaks, and take "//" for the start of a
        // host.
        let safe = text.starts_with('/')
            && !text.starts_with("//")
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        (safe && text.len() <= 2_000).then(|| Self(text.to_owned()))
    }

    /// Returns the path and query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path of `page` with this path as its `next`.
    #[must_use]
    pub fn after(&self, page: &str) -> String {
        format!("{page}?next={}", encode(&self.0))
    }
}

/// What is escaped in a query value: all but letters, digits and `-._~/`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Percent-encodes a text for a query value.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
#[path = "location_tests.rs"]
mod tests;
