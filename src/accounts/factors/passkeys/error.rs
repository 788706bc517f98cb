//! Why a passkey was refused.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::factors::passkeys::flaw::Flaw;
use crate::accounts::limits::LimitError;
use crate::web::hypermedia::outcome::Refusal;

/// Why a passkey was not taken.
#[derive(Debug, Error)]
pub enum PasskeyError {
    /// The site's address is one that browsers make no passkeys for.
    #[error("Passkeys do not work at the address of this site.")]
    NotHere,
    /// The answer belongs to a page that is out of date.
    #[error("That took too long, or you went on in another window. Please try again.")]
    Old,
    /// Of a kind of key that was not asked for.
    #[error("Passkeys of this kind do not work here. Please use another one.")]
    Kind,
    /// Its counter goes back.
    #[error(
        "That passkey may have been copied, so it was not taken. Please use another way, and remove it from your account."
    )]
    Copied,
    /// Anything else that no browser and no passkey answers.
    #[error("That did not work with this passkey. Please try again, or use another way.")]
    Wrong,
    /// Somebody else's, or one that was removed.
    #[error("That passkey is not one of this account. Please use another one, or another way.")]
    Unknown,
    /// Added before, to this account or another.
    #[error("That passkey was added before.")]
    Taken,
    /// As many as there may be.
    #[error("An account has {MOST} passkeys at most. Please remove one first.")]
    TooMany,
    /// The account has no number any more.
    #[error("To continue we need to verify your phone number.")]
    NoNumber,
    /// A limit.
    #[error(transparent)]
    LimitError(#[from] LimitError),
    /// The session has ended meanwhile.
    #[error("You were logged out meanwhile.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<Flaw> for PasskeyError {
    fn from(flaw: Flaw) -> Self {
        tracing::info!(%flaw, "a passkey was not taken");
        match flaw {
            Flaw::Challenge => Self::Old,
            Flaw::Key => Self::Kind,
            Flaw::Counter => Self::Copied,
            _ => Self::Wrong,
        }
    }
}

impl From<PasskeyError> for Refusal {
    fn from(error: PasskeyError) -> Self {
        let message = error.to_string();
        match error {
            PasskeyError::NotHere => Self::Forbidden { message },
            PasskeyError::NoNumber => Self::Elsewhere {
                message,
                path: "/verify".to_owned(),
            },
            PasskeyError::LimitError(too_often) => too_often.refusal("Too many tries went wrong."),
            PasskeyError::LoggedOut => Self::LogIn,
            PasskeyError::Database(error) => error.into(),
            _ => Self::form(message),
        }
    }
}

/// How many an account may have.
pub const MOST: usize = 10;
