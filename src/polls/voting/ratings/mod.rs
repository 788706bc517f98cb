//! Ratings on the ballot: their fields, and what was filled in.

pub mod fields;

#[cfg(feature = "ssr")]
pub(crate) mod form;
