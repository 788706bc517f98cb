//! Ways to count ratings: by total, and with a final between the two highest totals.

pub mod average;
pub mod rule;
pub mod score;

#[cfg(feature = "ssr")]
pub(crate) mod star;
