//! Corrections of a poll that is open.

pub mod correct;
#[cfg(feature = "ssr")]
pub mod error;
