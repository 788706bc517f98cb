//! Why a poll form was refused.

use thiserror::Error;

use crate::polls::model::time_zone::TimeError;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// There is no question.
    #[error("Write the question first.")]
    NoQuestion,
    /// A text is longer than it may be.
    #[error("Please shorten this to {most} characters; it has {length}.")]
    TooLong {
        /// How many it may have.
        most: usize,
        /// How many it has.
        length: usize,
    },
    /// A text holds a sign that no screen shows.
    #[error("There is a character in this that cannot be shown. Please type it again.")]
    Unshowable,
    /// There are too few choices.
    #[error("A poll needs two choices at least.")]
    TooFewChoices,
    /// There are too many choices.
    #[error("A poll has 50 choices at most.")]
    TooManyChoices,
    /// Two choices cannot be told apart.
    #[error("This is the same as choice {0}. Please change or remove one of them.")]
    Alike(usize),
    /// There is no such way to vote, rule or answer.
    #[error("Please choose one of these.")]
    Unknown,
    /// A ballot holds at least two choices and at most all there are.
    #[error("Please type {}, the number of choices.", if *.0 == 2 { "2".to_owned() } else { format!("a number from 2 to {}", .0) })]
    Most(usize),
    /// The poll would open before now.
    #[error("This time has passed. Choose a later one, or leave it empty to open at once.")]
    OpensInThePast,
    /// The poll would close before now.
    #[error("This time has passed. Choose a later one.")]
    ClosesInThePast,
    /// The poll would close before it opens.
    #[error("A poll closes after it opens. Choose a later time.")]
    ClosesFirst,
    /// The poll would not be open for longer.
    #[error(
        "The poll is open until then anyway. Choose a later time; to close it now, there is a button."
    )]
    NotLater,
    /// It is no calling code.
    #[error("No country has the calling code {0}. Type codes like +44 +49.")]
    NoCountry(String),
    /// It is no moment.
    #[error(transparent)]
    Time(#[from] TimeError),
}
