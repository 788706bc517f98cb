//! The results page, the hall view, their access rule, and downloads.

pub mod access;
pub mod downloads;
pub mod live_results;
pub mod page;
pub mod screen;

#[cfg(feature = "ssr")]
pub mod blt;
#[cfg(feature = "ssr")]
pub mod csv;
#[cfg(feature = "ssr")]
pub mod export;
