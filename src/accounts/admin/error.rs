//! Why an operator's command failed.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::names::username::UsernameError;
use crate::accounts::passwords::password::Busy;

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum OperatorError {
    /// There is nobody of this name.
    #[error("there is no account \"{0}\"")]
    Nobody(String),
    /// There is somebody of this name already.
    #[error("there is an account \"{0}\" already")]
    Taken(String),
    /// It is none.
    #[error(transparent)]
    Name(#[from] UsernameError),
    /// Nobody would know why.
    #[error("a suspension needs a reason of 1 to 200 characters; its owner reads it")]
    Reason,
    /// The password could not be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}
