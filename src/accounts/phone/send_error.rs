//! Why no code was sent, in words for the person who asked.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::limits::{LimitError, SendDenied};
use crate::platform::clock::Seconds;
use crate::verification::numbers::phone_error::PhoneError;
use crate::verification::{Fault, NumberRefusal};
use crate::web::hypermedia::outcome::Refusal;
use crate::web::time;

/// Why no code was sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// One went out a moment ago.
    #[error("We sent a code a moment ago. You can ask for another in {}.", time::wait(*.wait))]
    JustNow {
        /// Seconds until another can be asked for.
        wait: Seconds,
    },
    /// The code that was out is called off, and the next cannot go out yet.
    #[error("Your former code is of no use any more. A new one can be sent in {}.", time::wait(*.wait))]
    CalledOff {
        /// Seconds until then.
        wait: Seconds,
    },
    /// So many codes were wrong that another could not be typed.
    #[error("too many wrong codes")]
    TooManyWrong(LimitError),
    /// A limit.
    #[error(transparent)]
    SendDenied(#[from] SendDenied),
    /// Numbers of this sort get none here.
    #[error(transparent)]
    Shut(#[from] PhoneError),
    /// The provider takes this number for one that cannot be reached.
    #[error("{0}")]
    Number(NumberRefusal),
    /// The provider failed.
    #[error("{0}")]
    Provider(Fault),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        let message = error.to_string();
        match error {
            SendError::JustNow { wait } | SendError::CalledOff { wait } => {
                Self::TooSoon { message, wait }
            }
            SendError::TooManyWrong(too_often) => too_often.refusal("Too many codes were wrong."),
            SendError::SendDenied(stop) => stop.into(),
            SendError::Shut(_) | SendError::Number(_) => Self::field("phone", message),
            SendError::Provider(_) => Self::Unavailable { message, wait: 10 },
            SendError::Database(error) => error.into(),
        }
    }
}

impl SendError {
    /// The refusal for an account whose own number is refused: another one cannot simply be typed.
    #[must_use]
    pub fn about_own_number(self) -> Refusal {
        match Refusal::from(self) {
            Refusal::Invalid { .. } => Refusal::form(
                "Codes cannot be sent to your number any more. Use another way, or ask the site's admin to take it off your account.",
            ),
            other => other,
        }
    }

    /// The refusal on a page that has no field for the number.
    #[must_use]
    pub fn without_field(self) -> Refusal {
        match Refusal::from(self) {
            Refusal::Invalid { fields, .. } => {
                Refusal::form(fields.into_values().collect::<Vec<_>>().join(" "))
            }
            other => other,
        }
    }
}
