//! The form in which a poll is written, for new polls and for changes, and how it is validated.

pub mod choice_fields;
pub mod fields;
pub mod options;

#[cfg(feature = "ssr")]
pub mod as_typed;
#[cfg(feature = "ssr")]
pub mod choices;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod times;
#[cfg(feature = "ssr")]
pub mod validate;
