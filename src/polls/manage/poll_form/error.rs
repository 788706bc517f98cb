//! Why a poll form was refused.

use thiserror::Error;

use crate::platform::text::TextError;
use crate::polls::model::time_zone::TimeError;

/// An invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// The question is empty.
    #[error("Enter a question.")]
    NoQuestion,
    /// A text is too long or can't be shown.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Too few choices.
    #[error("Add at least two choices.")]
    TooFewChoices,
    /// Too many choices.
    #[error("A poll can have up to 50 choices.")]
    TooManyChoices,
    /// The choice looks the same as the one with this number.
    #[error("This is the same as choice {0}. Change or remove one.")]
    DuplicateChoice(usize),
    /// Unknown value of an option.
    #[error("Choose one of these.")]
    Unknown,
    /// The maximum number of choices on a ballot is out of range.
    #[error("Enter {} (the number of choices).", if *.0 == 2 { "2".to_owned() } else { format!("a number from 2 to {}", .0) })]
    Most(usize),
    /// A motion has other than three choices.
    #[error("A motion has three choices: for, against and abstain.")]
    Motion,
    /// The number of winners is out of range.
    #[error("{}", seats(*.0))]
    Seats(usize),
    /// The opening time has passed.
    #[error("This time has passed. Choose a later one, or leave empty to open right away.")]
    OpensInThePast,
    /// The closing time has passed.
    #[error("This time has passed. Choose a later one.")]
    ClosesInThePast,
    /// The closing time isn't after the opening time.
    #[error("A poll can't close before it opens. Choose a later time.")]
    ClosesFirst,
    /// Both a time and a time span say when the poll closes.
    #[error("Choose “At this time”, or empty this.")]
    ClosesTwice,
    /// The closing time is missing.
    #[error("Enter a time, or choose another answer.")]
    NoClosingTime,
    /// The new closing time isn't later than the current one.
    #[error("It's already open until then. Choose a later time, or use Close now.")]
    NotLater,
    /// Unknown calling code.
    #[error("{0} isn't a country code. Enter codes such as +44 +49.")]
    UnknownCountry(String),
    /// Invalid time or time zone.
    #[error(transparent)]
    Time(#[from] TimeError),
}

/// Says how many winners there can be; `most` is one fewer than the choices.
fn seats(most: usize) -> String {
    match most {
        ..2 => "Several winners need at least three choices. Add one.".to_owned(),
        2 => "Enter 2 (one fewer than the choices).".to_owned(),
        _ => format!("Enter a number from 2 to {most}."),
    }
}
