//! Errors of poll moderation.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::admin::suspend_commands::NO_REASON;
use crate::polls::manage::error::ManageError;
use crate::web::hypermedia::outcome::Refusal;

/// Why an admin or the operator couldn't do something with a poll.
#[derive(Debug, Error)]
pub enum ModerationError {
    /// There is no such poll, or it is a draft, which its owner alone sees.
    #[error("there is no published poll \"{0}\"; `pollstr poll list` shows all")]
    NotFound(String),
    /// It isn't taken down.
    #[error("the poll {0} isn't hidden")]
    NotHidden(String),
    /// It isn't open.
    #[error("the poll {0} isn't open, so it can't be closed")]
    NotOpen(String),
    /// The reason is missing, too long or has control characters.
    #[error("hiding a poll needs a reason of up to 200 characters; its owner will see it")]
    Reason,
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}

impl From<ModerationError> for Refusal {
    fn from(error: ModerationError) -> Self {
        match error {
            ModerationError::NotFound(_) | ModerationError::NotHidden(_) => Self::NotFound,
            ModerationError::NotOpen(_) => ManageError::NotOpen.into(),
            ModerationError::Reason => Self::field("reason", NO_REASON),
            ModerationError::Database(error) => error.into(),
        }
    }
}
