//! A request for a code, and why it can be denied.

use sea_orm::FromQueryResult;
use thiserror::Error;

use crate::accounts::limits::circuit_breaker::area::{Areas, Wait};
use crate::accounts::limits::limit::{Limit, TooOften, WAIT_GRANULARITY};
use crate::platform::clock::Seconds;
use crate::verification::numbers::countries::Country;

/// A message about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Send<'a> {
    /// The account's ID.
    pub account: i64,
    /// The number's HMAC.
    pub number_mac: &'a [u8],
    /// The number's country; `None` for a number of no country.
    pub country: Option<&'static Country>,
    /// Whether it is a call.
    pub voice: bool,
    /// Whether this account has verified this number before.
    pub verified: bool,
    /// The client IP it is requested from.
    pub address: &'a str,
    /// The areas that the circuit breaker judges.
    pub areas: &'a Areas,
    /// The lifetime of its code, in seconds.
    pub life: Seconds,
}

impl Send<'_> {
    /// Returns the country stored in the row: two letters, or `001` (the world) for none.
    pub(crate) fn region(&self) -> &'static str {
        self.country.map_or("001", |country| country.region)
    }
}

/// Whether a code may be sent.
#[derive(Clone, Debug)]
pub enum SendDecision {
    /// It may; it is counted in this row of `send`.
    Allowed(i64),
    /// It may not. Commit the transaction anyway: the circuit breaker may have changed state.
    Denied(SendDenied),
}

/// Why a code is not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendDenied {
    /// A limit is reached.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// The settings don't allow its country.
    #[error("not to {0}")]
    Country(&'static str),
    /// The account was sent a code a moment ago.
    #[error("again in {0} s")]
    JustNow(Seconds),
    /// The circuit breaker has paused its area: codes there are hardly ever typed.
    #[error("{country} is paused; again in {} s", .wait.seconds)]
    Paused {
        /// The country's name.
        country: &'static str,
        /// Which part of it is paused, and until when.
        wait: Wait,
    },
}

impl SendDenied {
    /// Another account has a code at this number, valid for at most `life`. The wait is always the
    /// same and the message that of an ordinary limit, so that neither reveals when the other code
    /// expires.
    #[must_use]
    pub fn number_in_use(life: Seconds) -> Self {
        Self::TooOften(TooOften {
            limit: Limit::SendToNumber,
            wait: rounded(life),
        })
    }
}

/// Rounds up a wait that would otherwise reveal when another user was sent a code.
pub(super) fn rounded(wait: Seconds) -> Seconds {
    (wait + WAIT_GRANULARITY - 1) / WAIT_GRANULARITY * WAIT_GRANULARITY
}

/// A message that was sent.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sent {
    /// When it was sent.
    pub at: Seconds,
    /// The number's country, as two letters.
    pub country: String,
    /// The client IP it was requested from.
    pub address: String,
    /// Whether it was a call.
    pub voice: bool,
}
