//! The receipt of a vote: it proves that a ballot is counted, not how it was cast.
//!
//! The voter holds the receipt, the server its hash. It crosses the redirect after voting in a cookie that only the pages of that
//! poll see, and that the page which shows it clears: it is never in a session, an address or a log. It is derived from the nonce of
//! the ballot page, so the same ballot sent twice has one receipt.

use axum::http::HeaderMap;

use crate::platform::base32::Base32;
use crate::polls::model::poll::path;
use crate::web::http::cookie;

/// How long the cookie lives, in seconds.
const LIFE: i64 = 600;
const COOKIE: &str = "receipt";
/// Holds the receipt too, where the ballot had been cast before and what was sent now changed nothing.
const STANDS: &str = "stands";

/// Sixteen letters that nobody guesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(Base32);

impl Receipt {
    /// Spells these bits.
    #[must_use]
    pub fn of(bits: &[u8; 10]) -> Self {
        Self(Base32::of(bits))
    }

    /// Reads one as a person would type it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Base32::parse(text).map(Self)
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

    /// The cookie beside it that says that its ballot had been cast before.
    #[must_use]
    pub fn stands_cookie(&self, poll: &str, https: bool) -> String {
        cookie::set(STANDS, self.0.as_str(), &path(poll), Some(LIFE), https)
    }

    /// The receipt that a request carries.
    #[must_use]
    pub fn carried(headers: &HeaderMap) -> Option<Self> {
        cookie::get(headers, COOKIE).and_then(Self::parse)
    }

    /// Whether a request says of the receipt it carries that its ballot had been cast before.
    #[must_use]
    pub fn stands(headers: &HeaderMap) -> bool {
        cookie::get(headers, STANDS)
            .is_some_and(|stands| cookie::get(headers, COOKIE) == Some(stands))
    }

    /// The cookies that clear away what a request carries, once it is shown.
    #[must_use]
    pub fn clear(headers: &HeaderMap, poll: &str, https: bool) -> Vec<String> {
        let carried = [COOKIE, STANDS]
            .into_iter()
            .filter(|name| cookie::get(headers, name).is_some_and(|value| !value.is_empty()));
        carried
            .map(|name| cookie::set(name, "", &path(poll), Some(0), https))
            .collect()
    }
}
