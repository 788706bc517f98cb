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
    #[error("Passkeys do not work at the address of this site.")]
    NotHere,
    /// The challenge is out of date.
    #[error("That took too long, or you went on in another window. Please try again.")]
    Old,
    /// The key's algorithm was not requested.
    #[error("Passkeys of this kind do not work here. Please use another one.")]
    Kind,
    /// The signature counter did not increase, so the passkey may have been cloned.
    #[error(
        "That passkey may have been copied, so it was not taken. Please use another way, and remove it from your account."
    )]
    Copied,
    /// The response is invalid in another way.
    #[error("That did not work with this passkey. Please try again, or use another way.")]
    Wrong,
    /// The passkey belongs to another account or was removed.
    #[error("That passkey is not one of this account. Please use another one, or another way.")]
    Unknown,
    /// The passkey was already added, to this account or another.
    #[error("That passkey was added before.")]
    Taken,
    /// The account already has [`MOST`] passkeys.
    #[error("An account has {MOST} passkeys at most. Please remove one first.")]
    TooMany,
    /// The account no longer has a phone number.
    #[error("To continue we need to verify your phone number.")]
    NoNumber,
    /// A rate limit was reached.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The session ended in the meantime.
    #[error("You were logged out meanwhile.")]
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
pub const MOST: usize = 10;
