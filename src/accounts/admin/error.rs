//! Errors of operator commands.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::names::username::UsernameError;
use crate::accounts::passwords::password::Busy;

/// Reason an operator command failed.
#[derive(Debug, Error)]
pub enum OperatorError {
    /// No account has this name.
    #[error("there is no account \"{0}\"; `pollstr user list` shows all")]
    NotFound(String),
    /// The account was changed by someone else at the same time.
    #[error("the account \"{0}\" was changed at the same time; try again")]
    Changed(String),
    /// The name is taken.
    #[error("there is an account \"{0}\" already")]
    Taken(String),
    /// The name is invalid.
    #[error(transparent)]
    Name(#[from] UsernameError),
    /// The suspension reason is missing, too long or has control characters.
    #[error("a suspension needs a reason of up to 200 characters; the person will see it")]
    Reason,
    /// The password could not be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}
