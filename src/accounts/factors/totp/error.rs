//! Why a code of an authenticator app was refused.

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::limits::LimitError;
use crate::accounts::sessions::step_up::StepUpError;
use crate::platform::pasted::CodeError;
use crate::web::hypermedia::outcome::Refusal;

/// Why a code was not taken.
#[derive(Debug, Error)]
pub enum TotpError {
    /// Not six digits.
    #[error("Enter the 6 digits that your app shows.")]
    NotACode,
    /// Several of them.
    #[error("There is more than one code in that. Enter only the one that your app shows now.")]
    SeveralCodes,
    /// Of another time, or another secret.
    #[error(
        "That code is not right. Your app shows a new one every 30 seconds: type the one you see now."
    )]
    Wrong,
    /// Of a few minutes earlier or later.
    #[error(
        "That code is of another time: the clock of your phone seems to be wrong. Set it to automatic, then type the code you see."
    )]
    Astray,
    /// The same again.
    #[error("That code was used already. Please wait for the next one.")]
    Used,
    /// No app is set up, or none waits for its first code.
    #[error("No app is set up.")]
    NoApp,
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
    /// The refusal; without an app, the way to this page.
    #[must_use]
    pub fn refusal(self, without_app: &str) -> Refusal {
        let message = self.to_string();
        match self {
            Self::NotACode | Self::SeveralCodes | Self::Wrong | Self::Astray | Self::Used => {
                Refusal::field("code", message)
            }
            Self::NoApp => Refusal::Elsewhere {
                message,
                path: without_app.to_owned(),
            },
            Self::LimitError(too_often) => too_often.refusal("Too many codes were wrong."),
            Self::LoggedOut => Refusal::LogIn,
            Self::Database(error) => error.into(),
        }
    }
}
