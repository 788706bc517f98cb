//! Why no code was sent, in words for the user who asked.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::limits::TooOften;
use crate::accounts::limits::circuit_breaker::area::Kind;
use crate::accounts::limits::sends::SendDenied;
use crate::platform::clock::Seconds;
use crate::verification::numbers::phone_error::PhoneError;
use crate::verification::{Fault, NumberRefusal};
use crate::web::hypermedia::outcome::Refusal;
use crate::web::time;

/// Why no code was sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// A code was sent a moment ago.
    #[error("We sent a code a moment ago. You can ask for another in {}.", time::wait(*.wait))]
    JustNow {
        /// Seconds until another can be requested.
        wait: Seconds,
    },
    /// The previous code was cancelled, and the next can't be sent yet.
    #[error("Your last code no longer works. You can get a new one in {}.", time::wait(*.wait))]
    Cancelled {
        /// Seconds until it can be sent.
        wait: Seconds,
    },
    /// A limit is reached.
    #[error(transparent)]
    TooOften(#[from] TooOften),
    /// A limit denies it.
    #[error(transparent)]
    SendDenied(#[from] SendDenied),
    /// Numbers of this kind get no codes.
    #[error(transparent)]
    Shut(#[from] PhoneError),
    /// The provider refuses the number.
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
            SendError::JustNow { wait } | SendError::Cancelled { wait } => {
                Self::TooSoon { message, wait }
            }
            SendError::TooOften(error) => error.into(),
            SendError::SendDenied(denied) => denied.into(),
            SendError::Shut(_) | SendError::Number(_) => Self::field("phone", message),
            SendError::Provider(_) => Self::Unavailable { message, wait: 10 },
            SendError::Database(error) => error.into(),
        }
    }
}

impl From<SendDenied> for Refusal {
    fn from(denied: SendDenied) -> Self {
        match denied {
            SendDenied::TooOften(error) => error.into(),
            SendDenied::Country(country) => Self::field(
                "phone",
                format!(
                    "This site doesn't send codes to numbers from {country}. Use another number."
                ),
            ),
            SendDenied::JustNow(wait) => SendError::JustNow { wait }.into(),
            SendDenied::Paused { country, wait } => {
                let which = if wait.kind == Kind::Country {
                    ""
                } else {
                    " that start like this one"
                };
                let lot = if wait.probing {
                    " We still send a few, at random."
                } else {
                    ""
                };
                let again = time::wait(wait.seconds);
                Self::TooSoon {
                    message: format!(
                        "Codes to new numbers from {country}{which} rarely arrive at the moment, so we've paused them.{lot} Please try again in {again}."
                    ),
                    wait: wait.seconds,
                }
            }
        }
    }
}

impl SendError {
    /// Converts into a refusal for the account's own number, where the user can't simply type
    /// another.
    #[must_use]
    pub fn for_own_number(self) -> Refusal {
        match Refusal::from(self) {
            Refusal::Invalid { .. } => Refusal::form(
                "We can't send codes to your number any more. Use another way to log in, or ask the site's admin to remove your number.",
            ),
            other => other,
        }
    }

    /// Converts into a refusal for a page without a phone field.
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
