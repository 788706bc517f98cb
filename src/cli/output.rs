//! Output of commands.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write};

use serde_json::Value;

/// What a command prints when it is done, or why it failed.
pub(crate) type Outcome = Result<String, Box<dyn Error>>;

/// Writes a line to standard output. A closed pipe, as in `pollstr recount | head`, is not an
/// error; a full disk is.
pub(crate) fn print_line(line: &str) -> Result<(), Box<dyn Error>> {
    let mut output = std::io::stdout().lock();
    match writeln!(output, "{}", harmless(line)).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("couldn't write the output: {error}").into())
        }
        _ => Ok(()),
    }
}

/// Formats JSON for people and programs.
pub(crate) fn json(value: &Value) -> Outcome {
    Ok(serde_json::to_string_pretty(value)?)
}

/// Escapes what could command a terminal or turn the direction of a text, as `\u001b`, which in JSON
/// means the same character.
pub(crate) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        let commands = sign.is_control() && !matches!(sign, '\n' | '\t');
        let turns = matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if commands || turns {
            // Writing to a string doesn't fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(sign));
        } else {
            shown.push(sign);
        }
    }
    shown
}
