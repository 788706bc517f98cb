//! Errors of poll management.

use thiserror::Error;

use crate::web::hypermedia::outcome::Refusal;

/// Why a change of a poll was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManageError {
    /// It has opened, so it can't be edited.
    #[error(
        "This poll has opened, so its question, choices and rules stay as they are. You can close it, or copy it into a new draft."
    )]
    AlreadyOpened,
    /// It can't be opened again.
    #[error("This poll has opened already.")]
    OpenedAlready,
    /// A draft has too few choices to open.
    #[error("This draft is not finished: it needs more choices. Edit it first.")]
    TooFewChoices,
    /// Its closing time has passed.
    #[error("The closing time of this poll has passed. Edit it first.")]
    ClosesInThePast,
    /// It isn't open.
    #[error("This poll is not open, so there is nothing to close.")]
    NotOpen,
    /// It is closed and can't be reopened.
    #[error(
        "This poll is closed, and stays closed: everybody may have seen the results. You can copy it into a new draft."
    )]
    Closed,
    /// It hasn't opened yet: its times are changed by editing.
    #[error("This poll has not opened yet. Edit it to change its times.")]
    NotOpenYet,
    /// An admin took it down.
    #[error("This poll was taken down by those who look after the site.")]
    TakenDown,
}

impl From<ManageError> for Refusal {
    fn from(error: ManageError) -> Self {
        Self::form(error)
    }
}
