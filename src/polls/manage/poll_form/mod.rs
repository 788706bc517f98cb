//! The poll form, for creating and editing polls, and its validation.

pub mod choice_fields;
pub mod fields;
pub mod options;
pub mod ranking_fields;
pub mod rating_fields;
pub mod time_fields;

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
