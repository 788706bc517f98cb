//! A request for a code, and why it may be denied.

use sea_orm::FromQueryResult;
use thiserror::Error;

use crate::accounts::limits::area::{Areas, Wait};
use crate::accounts::limits::counting::LimitError;
use crate::platform::clock::Seconds;
use crate::verification::numbers::countries::Country;

/// A message that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Send<'a> {
    /// Whose it is.
    pub account: i64,
    /// Where it goes.
    pub number_mac: &'a [u8],
    /// Where that is; none for a number of no country.
    pub country: Option<&'static Country>,
    /// Whether it is a call.
    pub voice: bool,
    /// Whether this account has proved this number before.
    pub proved: bool,
    /// Where it was asked for.
    pub address: &'a str,
    /// The same, and where it goes, as the breaker judges it.
    pub areas: &'a Areas,
    /// How long its code is good for, in seconds.
    pub life: Seconds,
}

impl Send<'_> {
    /// What stands in the row for the country: its two letters, or what they call the whole world.
    pub(super) fn region(&self) -> &'static str {
        self.country.map_or("001", |country| country.region)
    }
}

/// Why a message is not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendDenied {
    /// A rate.
    #[error(transparent)]
    Limited(LimitError),
    /// The settings do not name its country.
    #[error("not to {0}")]
    Country(&'static str),
    /// The account had a code a moment ago.
    #[error("again in {} s", .0.wait)]
    JustNow(LimitError),
    /// Codes there are hardly ever typed.
    #[error("{country} is paused; again in {} s", .wait.seconds)]
    Paused {
        /// The country's name.
        country: &'static str,
        /// What of it is paused, and until when.
        wait: Wait,
    },
    /// The day's messages or money are spent.
    #[error("spent; again in {} s", .0.wait)]
    Spent(LimitError),
}

impl SendDenied {
    /// Another account has a code at this number, which is good for so long at most. When that ends is the other's business, so the
    /// wait is always the same, and the words are those of an ordinary limit.
    #[must_use]
    pub fn of_others(life: Seconds) -> Self {
        Self::Limited(LimitError { wait: life }.rounded())
    }
}

/// A message that was sent.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sent {
    /// When.
    pub at: Seconds,
    /// Where it went: two letters.
    pub country: String,
    /// Where it was asked for.
    pub address: String,
    /// Whether it was a call.
    pub voice: bool,
}
