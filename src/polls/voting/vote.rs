//! A vote, and why it may be rejected.

use thiserror::Error;

use crate::polls::model::receipt::Receipt;
use crate::polls::model::selection::{FilledIn, SelectionError};
use crate::polls::voting::ratings::fields::RATE;
use crate::web::hypermedia::outcome::Refusal;

/// A vote to be cast.
#[derive(Clone, Debug)]
pub struct Vote {
    /// The session key, from which the transaction reads the voter.
    pub session: Vec<u8>,
    /// The poll's id.
    pub poll: String,
    /// What was filled in, or why the input is not a ballot.
    pub chosen: Result<FilledIn, SelectionError>,
    /// The sealed nonce of the ballot page. An invalid nonce is replaced by a fresh one: sending
    /// the same vote again is then not recognised.
    pub nonce: String,
    /// The receipt hash of the ballot to be replaced, or why the typed receipt is invalid.
    pub replaces: Option<Result<[u8; 32], VoteError>>,
}

/// An accepted vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedVote {
    /// The receipt.
    pub receipt: Receipt,
    /// Whether it had been cast before and can't be changed, so that this submission was ignored.
    pub stands: bool,
}

/// The outcome of a vote.
pub type Outcome = Result<AcceptedVote, VoteError>;

/// Why a vote was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VoteError {
    /// The poll doesn't exist, or isn't visible.
    #[error("That poll doesn't exist.")]
    NoPoll,
    /// Voting has not begun.
    #[error("Voting hasn't started yet.")]
    NotOpenYet,
    /// Voting has ended.
    #[error("Voting has ended, so this vote wasn't counted.")]
    Closed,
    /// The choices aren't a valid ballot of this poll.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The number is from a country that may not vote.
    #[error("Your number's country can't vote in this poll.")]
    Foreign,
    /// The number is a landline, and the poll is for mobile numbers only.
    #[error("{}", crate::polls::model::poll_view::LANDLINE_MESSAGE)]
    Landline,
    /// The number or account has already voted.
    #[error("You've already voted in this poll, and that vote stands.")]
    AlreadyVoted,
    /// Ballots of this poll can't be changed.
    #[error("Votes in this poll can't be changed.")]
    Final,
    /// The voter has not voted yet, so there is nothing to change.
    #[error("You haven't voted in this poll yet.")]
    NotVoted,
    /// The receipt needed to change a vote is missing.
    #[error("Enter your receipt.")]
    MissingReceipt,
    /// No ballot has this receipt.
    #[error("No ballot in this poll has that receipt. Check for a typo.")]
    WrongReceipt,
    /// The session is no longer verified.
    #[error("To continue we need to verify your phone number.")]
    NotVerified,
    /// The poll is locked by another transaction.
    #[error("This poll is being changed. Try again in a moment.")]
    PollLocked,
    /// The database failed; nothing was stored.
    #[error("We couldn't save your vote. Try again in a moment.")]
    Failed,
    /// The commit failed, and it is unknown whether the vote was stored.
    #[error(
        "We can't tell whether your vote was saved. It only counts once, so send it again in a moment."
    )]
    OutcomeUnknown,
}

impl From<VoteError> for Refusal {
    fn from(error: VoteError) -> Self {
        match error {
            VoteError::NoPoll => Self::NotFound,
            VoteError::Selection(SelectionError::Points(position)) => {
                Self::field(&format!("{RATE}{position}"), error)
            }
            VoteError::Selection(_) => Self::field("choice", error),
            VoteError::MissingReceipt | VoteError::WrongReceipt => Self::field("receipt", error),
            VoteError::NotOpenYet
            | VoteError::Closed
            | VoteError::Foreign
            | VoteError::Landline
            | VoteError::AlreadyVoted
            | VoteError::Final
            | VoteError::NotVoted => Self::form(error),
            VoteError::NotVerified => Self::Verify,
            VoteError::PollLocked | VoteError::Failed | VoteError::OutcomeUnknown => {
                Self::Unavailable {
                    message: error.to_string(),
                    wait: 5,
                }
            }
        }
    }
}
