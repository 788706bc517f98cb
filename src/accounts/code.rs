//! Parses a typed numeric code.

use crate::platform::pasted;
use crate::platform::pasted::CodeError;

/// A six-digit code.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Code(String);

impl Code {
    /// Extracts the code from typed or pasted text.
    pub(crate) fn parse(text: &str) -> Result<Self, CodeError> {
        pasted::code(text).map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
