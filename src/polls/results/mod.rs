//! The results page, its access rule, and downloads.

pub mod access;
pub mod downloads;
pub mod page;

#[cfg(feature = "ssr")]
pub mod blt;
#[cfg(feature = "ssr")]
pub mod csv;
#[cfg(feature = "ssr")]
pub mod export;
