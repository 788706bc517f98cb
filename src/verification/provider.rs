//! The interface of a verification provider, and what it can answer.

use std::fmt;

use async_trait::async_trait;
use thiserror::Error;

use crate::verification::channel::Channel;
use crate::verification::numbers::phone::Phone;

/// How often one code may be tried here: as often as the strictest provider lets it.
pub const TRIES_PER_CODE: i64 = 3;

/// How long a verification that was called off may still be in the way of a new one, in seconds.
pub const LINGERS: i64 = 15;

/// Whoever sends the codes.
///
/// Each question is asked once. An answer comes within six seconds, whatever the other side does, and is success only if it is
/// exactly what the vendor documents as success.
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync {
    /// How long its codes are good for, in seconds.
    fn code_life(&self) -> i64;

    /// Has a code of six digits made and sent: one message, and no reminders.
    async fn start(&self, phone: &Phone, channel: Channel) -> Start;

    /// Tries a code.
    async fn check(&self, id: &RequestId, code: &str) -> Check;

    /// Calls a verification off, so that another may start on its number.
    async fn cancel(&self, id: &RequestId) -> Cancel;

    /// Looks whether our credentials and settings are taken; nothing is sent.
    ///
    /// # Errors
    /// What is wrong with them, or that nothing can be said.
    async fn probe(&self) -> Result<(), Fault>;
}

/// The provider's name for one verification. It is kept on the server, bound to a user, a number and a purpose; one that came from
/// a browser is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// Takes an id that a provider gave, now or before it was stored.
    #[must_use]
    pub const fn new(id: String) -> Self {
        Self(id)
    }

    /// The id as the provider wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What came of asking for a code to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// A code is on its way.
    Sent(RequestId),
    /// Nothing was sent, since a verification of this number is running already; this is that one's id, if it was told. It may be
    /// somebody else's: never adopt it.
    Running(Option<RequestId>),
    /// As `Running`, but the code of that one was sent once more, and paid for.
    Resent(RequestId),
    /// The provider does not send to this number.
    NumberRefused(NumberRefusal),
    /// It cannot be said that a code was sent.
    Fault(Fault),
}

/// What came of trying a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The code was right. The verification is over and cannot be used again.
    Approved,
    /// The code was wrong, and another may be tried.
    Wrong,
    /// Codes were wrong too often: this verification is dead, whatever is tried.
    TooManyWrong,
    /// There is no such verification any more: expired, cancelled, or used already.
    Gone,
    /// Nothing is known about the code. The try was not the voter's and does not count.
    Fault(Fault),
}

/// What came of calling a verification off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// It is off, and the number is free for a new one.
    Done,
    /// Too early or too late to call it off; it goes on.
    NotNow,
    /// There was nothing to call off.
    Gone,
    /// Nothing is known.
    Fault(Fault),
}

/// Why a provider does not send to a number, in words for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NumberRefusal {
    /// There is no way to it.
    #[error("This number cannot be reached. Check the digits, or use another number.")]
    Unreachable,
    /// It, or its network, is blocked.
    #[error("This number cannot be used here. Use another number.")]
    Blocked,
    /// Its network is one the provider does not serve.
    #[error("Codes cannot be sent to this phone network. Use a number of another network.")]
    Unsupported,
    /// Its country is one that codes are not sent to.
    #[error("Codes are not sent to this country. Use a number of another country.")]
    Country,
    /// It takes calls, and no texts.
    #[error("This number takes no texts. Use a mobile number.")]
    NoTexts,
    /// The provider does not take it for a number.
    #[error("This number was not accepted. Check the digits.")]
    Invalid,
}

/// Why nothing can be said, in words for a person who can do nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The provider is overloaded, or stumbled.
    #[error("Very many codes are being sent right now. Please wait a moment and try again.")]
    Busy,
    /// Credentials, credit, or the provider's demo mode: only the operator can mend it, and the log says so.
    #[error(
        "Codes are not working at the moment. It is nothing you did, and those who run this site can see it. Please try again later."
    )]
    Operator,
    /// No connection, or no answer in time. A message may or may not have gone out.
    #[error("The service that sends the codes did not answer. Please wait a moment and try again.")]
    Unreachable,
    /// An answer, but none of the documented ones.
    #[error(
        "The service that sends the codes gave no clear answer. Please wait a moment and try again."
    )]
    Nonsense,
}

#[cfg(test)]
mod tests {
    use super::*;
    use NumberRefusal::Blocked;
    use NumberRefusal::Country;
    use NumberRefusal::Invalid;
    use NumberRefusal::NoTexts;
    use NumberRefusal::Unreachable;
    use NumberRefusal::Unsupported;

    #[test]
    fn every_refusal_is_a_sentence_without_internals() {
        let numbers = [Unreachable, Blocked, Unsupported, Country, NoTexts, Invalid];
        let faults = [
            Fault::Busy,
            Fault::Operator,
            Fault::Unreachable,
            Fault::Nonsense,
        ];
        let sentences = numbers
            .map(|refusal| refusal.to_string())
            .into_iter()
            .chain(faults.map(|fault| fault.to_string()));
        for sentence in sentences {
            assert!(
                sentence.ends_with('.') && sentence.starts_with(char::is_uppercase),
                "{sentence}"
            );
            for internal in [
                "Vonage", "Twilio", "HTTP", "status", "API", "JSON", "timeout",
            ] {
                assert!(!sentence.contains(internal), "{sentence}");
            }
        }
    }
}
