//! The receipt of a vote: it proves that a ballot is counted, not how it was cast.
//!
//! The voter holds the receipt, the server its hash. It crosses the redirect after voting in a cookie that only the pages of that
//! poll see, and that the page which shows it clears: it is never in a session, an address or a log.

use axum::http::HeaderMap;

use super::poll::path;
use crate::letters::Letters;
use crate::web::cookie;

/// How long the cookie lives, in seconds.
const LIFE: i64 = 600;
const COOKIE: &str = "receipt";

/// Sixteen letters that nobody guesses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt(Letters);

impl Receipt {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one as a person would type it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Letters::parse(text).map(Self)
    }

    /// What the server keeps of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.0.hash()
    }

    /// In groups of four, as it is shown.
    #[must_use]
    pub fn grouped(&self) -> String {
        self.0.grouped()
    }

    /// The cookie that carries it to the next page of this poll.
    #[must_use]
    pub fn cookie(&self, poll: &str, https: bool) -> String {
        cookie::set(COOKIE, self.0.as_str(), &path(poll), Some(LIFE), https)
    }

    /// The receipt that a request carries.
    #[must_use]
    pub fn carried(headers: &HeaderMap) -> Option<Self> {
        cookie::get(headers, COOKIE).and_then(Self::parse)
    }

    /// The cookie that clears it away, once it is shown.
    #[must_use]
    pub fn clear(poll: &str, https: bool) -> String {
        cookie::set(COOKIE, "", &path(poll), Some(0), https)
    }
}
