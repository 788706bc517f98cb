//! Errors of poll management.

use thiserror::Error;

use crate::web::hypermedia::outcome::Refusal;

/// Why a change of a poll was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManageError {
    /// It has opened, so it can't be edited.
    #[error(
        "This poll has opened, so its question, choices and rules are locked. You can correct, close or duplicate it."
    )]
    AlreadyOpened,
    /// It can't be opened again.
    #[error("This poll has already opened.")]
    OpenedAlready,
    /// A draft has too few choices to open.
    #[error("This draft needs more choices. Edit it first.")]
    TooFewChoices,
    /// Its closing time has passed.
    #[error("This poll's closing time has passed. Edit it first.")]
    ClosesInThePast,
    /// It isn't open.
    #[error("This poll isn't open, so it can't be closed.")]
    NotOpen,
    /// It is closed and can't be reopened.
    #[error(
        "This poll is closed. It can't be reopened because results may have been seen. You can duplicate it."
    )]
    Closed,
    /// It hasn't opened yet: its times are changed by editing.
    #[error("This poll hasn't opened yet. Edit it to change its times.")]
    NotOpenYet,
    /// An admin took it down.
    #[error("An admin took this poll down.")]
    TakenDown,
}

impl From<ManageError> for Refusal {
    fn from(error: ManageError) -> Self {
        Self::form(error)
    }
}
