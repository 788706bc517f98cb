//! A vote, and why it may not count.

use thiserror::Error;

use crate::polls::model::receipt::Receipt;
use crate::polls::model::selection::SelectionError;
use crate::web::hypermedia::outcome::Refusal;

/// A vote that is to be cast.
#[derive(Clone, Debug)]
pub struct Vote {
    /// The session's key, from which the voter is read inside the transaction.
    pub session: Vec<u8>,
    /// The poll's id.
    pub poll: String,
    /// The positions that were chosen, from the best to the worst in a ranking; or why what was typed is no ballot.
    pub chosen: Result<Vec<i64>, SelectionError>,
    /// The sealed nonce of the page that was filled in. One that does not open counts as none: then the vote cannot be sent again.
    pub nonce: String,
    /// The hash of the receipt of the ballot that this one takes the place of, or why what was typed is no receipt.
    pub replaces: Option<Result<[u8; 32], VoteError>>,
}

/// A vote that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedVote {
    /// Its receipt.
    pub receipt: Receipt,
    /// Whether it was cast before and cannot be changed, so that this one was not looked into.
    pub stands: bool,
}

/// What becomes of a vote.
pub type Outcome = Result<AcceptedVote, VoteError>;

/// Why a vote does not count.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VoteError {
    /// There is no such poll.
    #[error("There is no such poll.")]
    NoPoll,
    /// Voting has not begun.
    #[error("Voting has not begun yet.")]
    NotOpenYet,
    /// Voting has ended.
    #[error("Voting has ended, so this vote was not counted.")]
    Closed,
    /// What was chosen is no ballot of this poll.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The number is of a country that may not vote.
    #[error("This poll is for numbers of other countries.")]
    Foreign,
    /// The number is a landline's, and only mobiles may vote.
    #[error("{}", crate::polls::model::poll_view::LANDLINE)]
    Landline,
    /// The number has voted.
    #[error("You have voted in this poll already. Your first vote counts.")]
    AlreadyVoted,
    /// Ballots of this poll stay as they are.
    #[error("In this poll a vote is final.")]
    Final,
    /// The number has not voted, so there is nothing to change.
    #[error("You have not voted in this poll yet.")]
    NotVoted,
    /// A vote is to be changed, and no receipt was given.
    #[error("Enter the receipt of your vote.")]
    NoReceipt,
    /// No ballot has this receipt.
    #[error("No ballot of this poll has that receipt. Look for a typing error.")]
    WrongReceipt,
    /// The session is not verified any more.
    #[error("To continue we need to verify your phone number.")]
    NotVerified,
    /// Somebody else holds the poll.
    #[error("This poll is being changed just now. Please try again in a moment.")]
    Held,
    /// The database failed; nothing was stored.
    #[error("Your vote could not be stored just now. Please try again in a moment.")]
    Failed,
    /// The database failed at the last step, and has not said whether it took it.
    #[error(
        "We can't tell whether your vote was saved. It only counts once, so please send it again in a moment."
    )]
    Unsure,
}

impl From<VoteError> for Refusal {
    fn from(error: VoteError) -> Self {
        match error {
            VoteError::NoPoll => Self::NotFound,
            VoteError::Selection(_) => Self::field("choice", error),
            VoteError::NoReceipt | VoteError::WrongReceipt => Self::field("receipt", error),
            VoteError::NotOpenYet
            | VoteError::Closed
            | VoteError::Foreign
            | VoteError::Landline
            | VoteError::AlreadyVoted
            | VoteError::Final
            | VoteError::NotVoted => Self::form(error),
            VoteError::NotVerified => Self::Verify,
            VoteError::Held | VoteError::Failed | VoteError::Unsure => Self::Unavailable {
                message: error.to_string(),
                wait: 5,
            },
        }
    }
}
