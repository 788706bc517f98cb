//! Errors of registering and verifying passkeys.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::factors::passkeys::flaw::WebAuthnError;
use crate::accounts::limits::LimitError;
use crate::web::hypermedia::outcome::Refusal;

/// Reason a passkey was refused.
#[derive(Debug, Error)]
pub enum PasskeyError {
    /// The site's origin doesn't support passkeys.
    #[error("Passkeys don't work at this site's address.")]
    NotHere,
    /// The challenge is out of date.
    #[error("That took too long, or you continued in another tab. Please try again.")]
    Old,
    /// The key's algorithm was not requested.
    #[error("This type of passkey isn't supported. Please use another one.")]
    Kind,
    /// The signature counter did not increase, so the passkey may have been cloned.
    #[error(
        "That passkey may have been copied, so we didn't accept it. Use another way to log in, then remove it from your account."
    )]
    Copied,
    /// The response is invalid in another way.
    #[error("That passkey didn't work. Please try again, or use another way.")]
    Wrong,
    /// The passkey belongs to another account or was removed.
    #[error("That passkey doesn't belong to this account. Please use another one, or another way.")]
    Unknown,
    /// The passkey was already added, to this account or another.
    #[error("You've already added that passkey.")]
    Taken,
    /// The account already has [`MAX_PASSKEYS`] passkeys.
    #[error("You can have up to {MAX_PASSKEYS} passkeys. Please remove one first.")]
    TooMany,
    /// The account no longer has a phone number.
    #[error("To continue we need to verify your phone number.")]
    NoNumber,
    /// A rate limit was reached.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The session ended in the meantime.
    #[error("You've been logged out.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<WebAuthnError> for PasskeyError {
    fn from(flaw: WebAuthnError) -> Self {
        tracing::info!(%flaw, "a passkey was not taken");
        match flaw {
            WebAuthnError::Challenge => Self::Old,
            WebAuthnError::Key => Self::Kind,
            WebAuthnError::Counter => Self::Copied,
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
            PasskeyError::Limit(error) => error.into(),
            PasskeyError::LoggedOut => Self::LogIn,
            PasskeyError::Database(error) => error.into(),
            _ => Self::form(message),
        }
    }
}

/// Maximum number of passkeys per account.
pub const MAX_PASSKEYS: usize = 10;
