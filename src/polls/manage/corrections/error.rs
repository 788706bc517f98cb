//! Why a correction was refused.

use thiserror::Error;

use crate::platform::text::TextError;
use crate::web::hypermedia::outcome::Refusal;

/// Why a correction was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CorrectionError {
    /// There is nothing to see in it.
    #[error("Enter a correction.")]
    Blank,
    /// It is too long or can't be shown.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The poll has as many as it can have.
    #[error("This poll has three corrections already, and that's the most.")]
    TooMany,
    /// The poll has not opened yet: its text is changed by editing.
    #[error("This poll hasn't opened yet. Edit it instead.")]
    NotOpenYet,
    /// The poll is closed.
    #[error("This poll is closed, so nothing can be added to its text.")]
    Closed,
}

impl From<CorrectionError> for Refusal {
    fn from(error: CorrectionError) -> Self {
        Self::field("correction", error)
    }
}
