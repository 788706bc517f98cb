//! Failures of commands and their exit codes.

use std::error::Error;

use pollstr::accounts::admin::error::OperatorError;
use pollstr::polls::admin::error::ModerationError;
use thiserror::Error;

use crate::cli::output::print_line;

/// The command failed. With 2, clap says that the command line is wrong.
const FAILED: u8 = 1;
/// There is no such account, poll or address.
const MISSING: u8 = 3;
/// The command asks for `--yes`.
const UNCONFIRMED: u8 = 4;

/// Failures that have an exit code of their own.
#[derive(Debug, Error)]
pub(crate) enum CommandError {
    /// What the command is about doesn't exist.
    #[error("{0}")]
    Missing(String),
    /// The command would destroy something.
    #[error("nothing was changed; add --yes to {0}")]
    Unconfirmed(String),
}

/// Returns the exit code for a failure.
pub(crate) fn exit_code(error: &(dyn Error + 'static)) -> u8 {
    let missing = matches!(error.downcast_ref(), Some(OperatorError::NotFound(_)))
        || matches!(error.downcast_ref(), Some(ModerationError::NotFound(_)));
    match error.downcast_ref() {
        Some(CommandError::Unconfirmed(_)) => UNCONFIRMED,
        Some(CommandError::Missing(_)) => MISSING,
        None if missing => MISSING,
        None => FAILED,
    }
}

/// Fails unless the operator has said yes, after printing what the command would do.
pub(crate) fn confirm(yes: bool, plan: &str, what: &str) -> Result<(), Box<dyn Error>> {
    if yes {
        return Ok(());
    }
    print_line(plan)?;
    Err(CommandError::Unconfirmed(what.to_owned()).into())
}
