//! The results page, and who may see it; downloads.

pub mod access;
pub mod downloads;
pub mod page;

#[cfg(feature = "ssr")]
pub mod blt;
#[cfg(feature = "ssr")]
pub mod csv;
#[cfg(feature = "ssr")]
pub mod export;
