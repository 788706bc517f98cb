//! Casting a vote: the ballot page, its form, and the writer that stores votes.

pub mod fields;
pub mod page;
pub mod picks;
pub mod ratings;
pub mod receipt_lookup;
pub mod unavailable;

#[cfg(feature = "ssr")]
pub(crate) mod batch;
#[cfg(feature = "ssr")]
pub mod batch_check;
#[cfg(feature = "ssr")]
pub mod batch_read;
#[cfg(feature = "ssr")]
pub mod batch_write;
#[cfg(feature = "ssr")]
pub(crate) mod duplicate_ranks;
#[cfg(feature = "ssr")]
pub mod vote;
#[cfg(feature = "ssr")]
pub mod writer;
