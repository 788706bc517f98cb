//! The results page, its access rule, and downloads.

pub mod access;
pub mod downloads;
pub mod early;
pub mod page;
pub mod turnout;

#[cfg(feature = "ssr")]
pub mod blt;
#[cfg(feature = "ssr")]
pub mod csv;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod icalendar;
