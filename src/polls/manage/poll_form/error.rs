//! Why a poll form was refused.

use thiserror::Error;

use crate::polls::model::time_zone::TimeError;

/// An invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// The question is empty.
    #[error("Write the question first.")]
    NoQuestion,
    /// A text is too long.
    #[error("Please shorten this to {most} characters; it has {length}.")]
    TooLong {
        /// The maximum length.
        most: usize,
        /// The actual length.
        length: usize,
    },
    /// A text contains a control character.
    #[error("There is a character in this that cannot be shown. Please type it again.")]
    ControlCharacter,
    /// Too few choices.
    #[error("A poll needs two choices at least.")]
    TooFewChoices,
    /// Too many choices.
    #[error("A poll has 50 choices at most.")]
    TooManyChoices,
    /// The choice looks the same as the one with this number.
    #[error("This is the same as choice {0}. Please change or remove one of them.")]
    DuplicateChoice(usize),
    /// Unknown value of an option.
    #[error("Please choose one of these.")]
    Unknown,
    /// The maximum number of choices on a ballot is out of range.
    #[error("Please type {}, the number of choices.", if *.0 == 2 { "2".to_owned() } else { format!("a number from 2 to {}", .0) })]
    Most(usize),
    /// The opening time has passed.
    #[error("This time has passed. Choose a later one, or leave it empty to open at once.")]
    OpensInThePast,
    /// The closing time has passed.
    #[error("This time has passed. Choose a later one.")]
    ClosesInThePast,
    /// The closing time isn't after the opening time.
    #[error("A poll closes after it opens. Choose a later time.")]
    ClosesFirst,
    /// The new closing time isn't later than the current one.
    #[error(
        "The poll is open until then anyway. Choose a later time; to close it now, there is a button."
    )]
    NotLater,
    /// Unknown calling code.
    #[error("No country has the calling code {0}. Type codes like +44 +49.")]
    UnknownCountry(String),
    /// Invalid time or time zone.
    #[error(transparent)]
    Time(#[from] TimeError),
}
