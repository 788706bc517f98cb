//! A code of digits, as it was typed.

use crate::platform::pasted;
use crate::platform::pasted::CodeError;

/// Six digits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Code(String);

impl Code {
    /// Finds the code in what was typed or pasted.
    pub(crate) fn parse(text: &str) -> Result<Self, CodeError> {
        pasted::code(text).map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
