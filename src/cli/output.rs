//! Output of commands.

use std::error::Error;
use std::io::{ErrorKind, Write};

/// What a command prints when it is done, or why it failed.
pub(crate) type Outcome = Result<String, Box<dyn Error>>;

/// Writes a line to standard output. A closed pipe, as in `pollstr recount | head`, is not an
/// error; a full disk is.
pub(crate) fn print_line(line: &str) -> Result<(), Box<dyn Error>> {
    let mut output = std::io::stdout().lock();
    match writeln!(output, "{line}").and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("couldn't write the output: {error}").into())
        }
        _ => Ok(()),
    }
}
