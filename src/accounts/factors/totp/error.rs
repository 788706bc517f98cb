//! Errors of codes from an authenticator app.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::limits::LimitError;
use crate::accounts::sessions::step_up::StepUpError;
use crate::platform::pasted::CodeError;
use crate::web::hypermedia::outcome::Refusal;

/// Reason a code from the app was refused.
#[derive(Debug, Error)]
pub enum TotpError {
    /// Not six digits.
    #[error("Enter the 6 digits from your app.")]
    NotACode,
    /// More than one code was typed or pasted.
    #[error("That's more than one code. Enter only the one your app shows now.")]
    SeveralCodes,
    /// The code doesn't match.
    #[error(
        "That code is not right. Your app shows a new one every 30 seconds. Enter the current one."
    )]
    Wrong,
    /// The code is minutes early or late, so the app's clock is wrong.
    #[error(
        "Your phone's clock seems to be wrong. Set it to automatic, then enter the code you see."
    )]
    ClockDrift,
    /// The code was already used.
    #[error("You've already used that code. Please wait for the next one.")]
    Used,
    /// No app is set up, or no setup is in progress.
    #[error("No app is set up.")]
    NoApp,
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

impl From<CodeError> for TotpError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::None => Self::NotACode,
            CodeError::Several => Self::SeveralCodes,
        }
    }
}

impl From<StepUpError> for TotpError {
    fn from(unproved: StepUpError) -> Self {
        match unproved {
            StepUpError::Unchanged => Self::Used,
            StepUpError::NoNumber => Self::NoApp,
            StepUpError::LoggedOut => Self::LoggedOut,
            StepUpError::Database(error) => error.into(),
        }
    }
}

impl TotpError {
    /// Converts the error to a refusal, which redirects to `without_app` if no app is set up.
    #[must_use]
    pub fn refusal(self, without_app: &str) -> Refusal {
        let message = self.to_string();
        match self {
            Self::NotACode | Self::SeveralCodes | Self::Wrong | Self::ClockDrift | Self::Used => {
                Refusal::field("code", message)
            }
            Self::NoApp => Refusal::Elsewhere {
                message,
                path: without_app.to_owned(),
            },
            Self::Limit(error) => error.into(),
            Self::LoggedOut => Refusal::LogIn,
            Self::Database(error) => error.into(),
        }
    }
}
