//! The receipt of a vote: it proves that a ballot is counted, not how it was cast.
//!
//! The voter holds the receipt, the server its hash. It crosses the redirect after voting in a cookie that only the results of that
//! poll see, and that the page which shows it clears: it is never in a session, an address or a log.

use std::fmt;
use std::sync::LazyLock;

use axum::http::HeaderMap;
use data_encoding::{Encoding, Specification};

use super::poll::path;
use crate::keys::{digest, random};
use crate::web::cookie;

/// How long the cookie lives, in seconds.
const LIFE: i64 = 600;
const COOKIE: &str = "receipt";

/// Crockford's base 32: no I, L, O or U.
static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    #[expect(clippy::expect_used, reason = "32 different letters are an alphabet")]
    specification.encoding().expect("32 different letters are an alphabet")
});

/// 80 random bits in sixteen letters.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(String);

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}

impl Receipt {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self(CROCKFORD.encode(&random::<10>()))
    }

    /// Reads one as a person would type it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: String = text.chars().filter(|sign| !matches!(sign, '-' | ' ')).map(|sign| sign.to_ascii_uppercase()).collect();
        (CROCKFORD.decode(letters.as_bytes()).ok()?.len() == 10).then_some(Self(letters))
    }

    /// What the server keeps of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        digest(self.0.as_bytes())
    }

    /// In groups of four, as it is shown.
    #[must_use]
    pub fn grouped(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// The cookie that carries it to the results of this poll.
    #[must_use]
    pub fn cookie(&self, poll: &str, https: bool) -> String {
        cookie::set(COOKIE, &self.0, &path(poll), Some(LIFE), https)
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

impl Default for Receipt {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_read_as_people_type_it() {
        let receipt = Receipt::new();
        let grouped = receipt.grouped();
        assert_eq!(grouped.len(), 19);
        assert!(Receipt::parse(&grouped.to_lowercase()) == Some(receipt.clone()));
        assert!(Receipt::parse(&grouped.replace('-', " ")).is_some_and(|read| read.hash() == receipt.hash()));
        assert!(Receipt::parse("U000-0000-0000-0000").is_none());
        assert!(Receipt::parse(&grouped[1..]).is_none());
    }
}
