//! State of a number's verification, as shown on its pages.

use serde::{Deserialize, Serialize};

use crate::web::time::wait as wait_in_words;

/// What the verification pages show.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VerificationState {
    /// The account's verified number, masked.
    pub number: Option<String>,
    /// Whether that is a landline, which gets calls instead of texts.
    pub landline: bool,
    /// The outstanding code.
    pub code: Option<CodeState>,
}

impl VerificationState {
    /// Returns the last number typed while its code is valid, so that a typo can be corrected
    /// instead of retyping the number.
    #[must_use]
    pub fn typed(&self) -> String {
        self.code
            .as_ref()
            .filter(|code| !code.dead)
            .map(|code| code.number.clone())
            .unwrap_or_default()
    }
}

/// An outstanding code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeState {
    /// The number it was sent to: in full while the code is valid and the number was typed here, so
    /// that a typo can be spotted; otherwise masked.
    pub number: String,
    /// Whether it was sent by call.
    pub call: bool,
    /// Whether it went to a landline, which gets no texts.
    pub landline: bool,
    /// The current time.
    pub now: i64,
    /// When it was sent, as a Unix timestamp in seconds.
    pub sent_at: i64,
    /// When it expires.
    #[serde(rename = "good_until")]
    pub expires_at: i64,
    /// When another can be requested.
    #[serde(rename = "again_at")]
    pub resend_at: i64,
    /// Attempts left.
    pub tries_left: i64,
    /// Whether it can no longer succeed.
    pub dead: bool,
}

/// Returns the sentence saying when another code can be requested.
pub(crate) fn new_one(wait: i64) -> String {
    if wait > 0 {
        format!("You can ask for a new one in {}.", wait_in_words(wait))
    } else {
        "Get a new one.".to_owned()
    }
}

/// Value of a form's `purpose` when changing the account's number.
pub(crate) const CHANGE: &str = "number";

/// Returns the URL of the number page, with the same `next`.
#[cfg(feature = "ssr")]
pub(super) fn number_page(change: bool, next: &str) -> String {
    crate::web::components::form::after(next, if change { "/account/number" } else { "/verify" })
}
