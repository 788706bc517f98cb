//! Reasons a WebAuthn response is invalid.

use thiserror::Error;

/// What is wrong with a WebAuthn response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WebAuthnError {
    /// Malformed or too long.
    #[error("it cannot be read")]
    BodyError,
    /// A registration where an assertion was requested, or vice versa.
    #[error("it was made for something else")]
    Type,
    /// The challenge is not the one issued in this session.
    #[error("it answers another question")]
    Challenge,
    /// Made at another origin.
    #[error("it was made on another site")]
    Origin,
    /// Made in a cross-origin frame.
    #[error("it was made in a frame")]
    Framed,
    /// The passkey belongs to another relying party.
    #[error("the passkey is of another site")]
    Site,
    /// The user-present flag is not set.
    #[error("the user was not present")]
    Absent,
    /// The backed-up flag is set although the passkey is not eligible for backup.
    #[error("what it says of copies is impossible")]
    Backup,
    /// The credential id is missing, too long or that of another passkey.
    #[error("it is of another passkey")]
    Credential,
    /// The public key is malformed, or its algorithm was not requested.
    #[error("its key is of an unknown kind")]
    Key,
    /// The signature is invalid.
    #[error("its signature is wrong")]
    Signature,
    /// The signature counter did not increase, so the passkey may have been cloned.
    #[error("its counter has not moved on")]
    Counter,
}
