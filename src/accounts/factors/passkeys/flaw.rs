//! Why a passkey's answer is not valid.

use thiserror::Error;

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Flaw {
    /// Not what a browser makes.
    #[error("it cannot be read")]
    Unreadable,
    /// Made where a passkey was asked to answer, or the other way round.
    #[error("it was made for something else")]
    Type,
    /// Not to the question that was asked in this session.
    #[error("it answers another question")]
    Challenge,
    /// Made on another site.
    #[error("it was made on another site")]
    Origin,
    /// Made in a frame on another site.
    #[error("it was made in a frame")]
    Framed,
    /// By a passkey of another site.
    #[error("the passkey is of another site")]
    Site,
    /// Nobody was there to touch or look at anything.
    #[error("nobody was there")]
    Absent,
    /// Kept elsewhere, by a device that says it cannot be.
    #[error("what it says of copies is impossible")]
    Backup,
    /// Of another passkey than the one that is named.
    #[error("it is of another passkey")]
    Credential,
    /// A public key of a kind that was not asked for.
    #[error("its key is of an unknown kind")]
    Key,
    /// Not signed by this passkey.
    #[error("its signature is wrong")]
    Signature,
    /// As many answers as were given before, or fewer: there may be two of it.
    #[error("its counter has not moved on")]
    Counter,
}
