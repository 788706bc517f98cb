//! How far the verification of a number has got.

use serde::{Deserialize, Serialize};

use crate::web::time::wait as wait_in_words;

/// What the pages of the verification show.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VerificationState {
    /// The account's proved number, masked.
    pub number: Option<String>,
    /// Whether that is a landline, which is called.
    pub landline: bool,
    /// The code that is out.
    pub code: Option<CodeState>,
}

impl VerificationState {
    /// Returns the number that was typed last, while its code is good: a typing error is mended, and not typed all over again.
    #[must_use]
    pub fn typed(&self) -> String {
        self.code
            .as_ref()
            .filter(|code| !code.dead)
            .map(|code| code.number.clone())
            .unwrap_or_default()
    }
}

/// A code that is out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeState {
    /// Where it went: whole while it is fresh and was typed here, for a typing error to be seen; masked otherwise.
    pub number: String,
    /// Whether it was read out in a call.
    pub call: bool,
    /// Whether it went to a landline, which gets no texts.
    pub landline: bool,
    /// What time it is.
    pub now: i64,
    /// When it was sent, in seconds since 1970.
    pub sent_at: i64,
    /// Until when it is good.
    pub good_until: i64,
    /// When another can be asked for.
    pub again_at: i64,
    /// How often it can still be tried.
    pub tries_left: i64,
    /// Whether it is of no use any more.
    pub dead: bool,
}

/// What to do about a code that is dead, exactly as it will be possible.
pub(crate) fn new_one(wait: i64) -> String {
    if wait > 0 {
        format!("You can ask for a new one in {}.", wait_in_words(wait))
    } else {
        "Please send a new one.".to_owned()
    }
}

/// What a form of this page is about: `number` where another number is to take the place of the account's own.
pub(crate) const CHANGE: &str = "number";

/// The page where a number is typed, and from there on to the same place.
#[cfg(feature = "ssr")]
pub(super) fn number_page(change: bool, next: &str) -> String {
    crate::web::components::form::after(next, if change { "/account/number" } else { "/verify" })
}
