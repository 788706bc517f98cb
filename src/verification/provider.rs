//! The interface of a verification provider, and its possible responses.

use std::fmt;

use async_trait::async_trait;
use thiserror::Error;

use crate::verification::channel::Channel;
use crate::verification::numbers::phone::Phone;

/// Maximum attempts per code, as allowed by the strictest provider.
pub const TRIES_PER_CODE: i64 = 3;

/// Seconds for which a cancelled verification may still block a new one.
pub const CANCEL_LINGER: i64 = 15;

/// A service that sends and checks codes.
///
/// Each request is sent once and finishes within six seconds. It counts as successful only if the
/// response is exactly what the vendor documents as success.
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync {
    /// Returns the lifetime of a code in seconds.
    fn code_lifetime(&self) -> i64;

    /// Has the provider send a six-digit code: one message, no reminders.
    async fn start(&self, phone: &Phone, channel: Channel) -> Start;

    /// Checks a code.
    async fn check(&self, id: &RequestId, code: &str) -> Check;

    /// Cancels a verification, so that another can be started for its number.
    async fn cancel(&self, id: &RequestId) -> Cancel;

    /// Checks that our credentials and settings are accepted, without sending anything.
    ///
    /// # Errors
    /// What is wrong with them, or why that is unknown.
    async fn probe(&self) -> Result<(), Fault>;
}

/// The provider's ID for one verification. It is stored on the server, bound to an account, a
/// number and a purpose, and never accepted from a browser.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// Wraps an ID from a provider, fresh or stored.
    #[must_use]
    pub const fn new(id: String) -> Self {
        Self(id)
    }

    /// Returns the ID as the provider wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Outcome of requesting a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// A code was sent.
    Sent(RequestId),
    /// Nothing was sent, because a verification of this number is already running; holds its ID if
    /// the provider gave it. It may belong to another user: never adopt it.
    Running(Option<RequestId>),
    /// Like `Running`, but the running verification's code was sent, and paid for, once more.
    Resent(RequestId),
    /// The provider refuses this number.
    NumberRefused(NumberRefusal),
    /// It is unknown whether a code was sent.
    Fault(Fault),
}

/// Outcome of checking a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The code was correct. The verification is finished and can't be used again.
    Approved,
    /// The code was wrong; another attempt is possible.
    Wrong,
    /// Too many wrong codes: this verification can no longer succeed.
    TooManyWrong,
    /// The verification no longer exists: expired, cancelled or already used.
    Gone,
    /// The result is unknown. This is not the voter's fault, so the attempt doesn't count.
    Fault(Fault),
}

/// Outcome of cancelling a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// Cancelled; a new verification can start for the number.
    Done,
    /// Too early or too late to cancel; the verification continues.
    NotNow,
    /// There was nothing to cancel.
    Gone,
    /// The result is unknown.
    Fault(Fault),
}

/// Why a provider refuses a number, in words for the user who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NumberRefusal {
    /// The number can't be reached.
    #[error("This number can't be reached. Check the digits, or use another number.")]
    Unreachable,
    /// The number or its network is blocked.
    #[error("This number can't be used here. Use another number.")]
    Blocked,
    /// The provider doesn't serve its network.
    #[error("We can't send codes to this phone network. Use a number on another network.")]
    Unsupported,
    /// The provider doesn't send codes to its country.
    #[error("We don't send codes to this country. Use a number from another country.")]
    Country,
    /// The number takes calls but no texts.
    #[error("This number can't get texts. Use a mobile number.")]
    NoTexts,
    /// The provider considers the number invalid.
    #[error("This number wasn't accepted. Check the digits.")]
    Invalid,
}

/// Why a request to the provider failed, in words for a user who can't do anything about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The provider is overloaded or had an internal error.
    #[error("We're sending a lot of codes right now. Please wait a moment and try again.")]
    Busy,
    /// Credentials, credit or the provider's demo mode: only the operator can fix it. It is logged.
    #[error(
        "Codes aren't working at the moment. It's not your fault, and the admins can see it. Please try again later."
    )]
    AccountAdmin,
    /// No connection, or no response in time. A message may or may not have been sent.
    #[error("The service that sends the codes did not answer. Please wait a moment and try again.")]
    Unreachable,
    /// An undocumented response.
    #[error(
        "The service that sends the codes gave an unclear answer. Please wait a moment and try again."
    )]
    UnexpectedResponse,
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
