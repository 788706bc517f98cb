//! Why a number was not verified, and the words for it: the tries left, an expired code, a failure
//! of the provider.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::phone::state::new_one;
use crate::accounts::sessions::step_up::StepUpError;
use crate::platform::clock::Seconds;
use crate::platform::pasted::CodeError;
use crate::verification::Fault;
use crate::web::hypermedia::outcome::Refusal;

/// Why the number was not verified.
#[derive(Debug, Error)]
pub enum CheckError {
    /// Not six digits; no attempt is used up.
    #[error("Enter the 6-digit code.")]
    NotACode,
    /// More than one code; no attempt is used up.
    #[error("That's more than one code. Enter only the newest.")]
    SeveralCodes,
    /// The wrong code.
    #[error("That code is not right. You have {} left.", tries(*.left))]
    Wrong {
        /// Attempts left.
        left: i64,
    },
    /// The code has expired, was tried too often, or was used.
    #[error("That code no longer works. {}", new_one(*.wait))]
    Dead {
        /// Seconds until a new one can be sent.
        wait: Seconds,
    },
    /// No code is outstanding.
    #[error("You don't have a code yet. Send one first.")]
    None,
    /// The provider failed.
    #[error("{0}")]
    Provider(Fault),
    /// The session has ended meanwhile.
    #[error("You've been logged out.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

fn tries(left: i64) -> String {
    if left == 1 {
        "1 try".to_owned()
    } else {
        format!("{left} tries")
    }
}

impl From<CodeError> for CheckError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::None => Self::NotACode,
            CodeError::Several => Self::SeveralCodes,
        }
    }
}

impl From<StepUpError> for CheckError {
    fn from(unproved: StepUpError) -> Self {
        match unproved {
            StepUpError::Unchanged | StepUpError::NoNumber => Self::Dead { wait: 0 },
            StepUpError::LoggedOut => Self::LoggedOut,
            StepUpError::Database(error) => error.into(),
        }
    }
}

impl CheckError {
    /// Converts into a refusal; `number_page` is where to go if no code is outstanding.
    pub(crate) fn refusal(self, number_page: String) -> Refusal {
        let message = self.to_string();
        match self {
            Self::NotACode | Self::SeveralCodes | Self::Wrong { .. } => {
                Refusal::field("code", message)
            }
            Self::Dead { .. } => Refusal::form(message),
            Self::None => Refusal::Elsewhere {
                message,
                path: number_page,
            },
            Self::Provider(_) => Refusal::Unavailable { message, wait: 10 },
            Self::LoggedOut => Refusal::LogIn,
            Self::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
#[path = "check_error_tests.rs"]
mod tests;
