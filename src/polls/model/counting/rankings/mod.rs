//! Ways to count rankings other than the run-off: each against each, and several winners in
//! proportion.

pub mod duels;
pub mod stages;

#[cfg(feature = "ssr")]
pub(crate) mod pairs;
#[cfg(feature = "ssr")]
pub(crate) mod seats;
