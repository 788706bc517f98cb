//! Why a poll could not be changed.

use thiserror::Error;

use crate::web::hypermedia::outcome::Refusal;

/// Why a poll is not run like that.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManageError {
    /// It has opened.
    #[error(
        "This poll has opened, so its question, choices and rules stay as they are. You can close it, or copy it into a new draft."
    )]
    Frozen,
    /// It cannot be opened, for it is open, or was.
    #[error("This poll has opened already.")]
    OpenedAlready,
    /// A draft lacks choices.
    #[error("This draft is not finished: it needs more choices. Edit it first.")]
    Unfinished,
    /// Its closing time has passed before it opened.
    #[error("The closing time of this poll has passed. Edit it first.")]
    ClosesInThePast,
    /// It is not open.
    #[error("This poll is not open, so there is nothing to close.")]
    NotOpen,
    /// Closed stays closed.
    #[error(
        "This poll is closed, and stays closed: everybody may have seen the results. You can copy it into a new draft."
    )]
    Closed,
    /// Its times are set by editing it.
    #[error("This poll has not opened yet. Edit it to change its times.")]
    NotOpenYet,
    /// Somebody took it down.
    #[error("This poll was taken down by those who look after the site.")]
    TakenDown,
}

impl From<ManageError> for Refusal {
    fn from(error: ManageError) -> Self {
        Self::form(error)
    }
}
