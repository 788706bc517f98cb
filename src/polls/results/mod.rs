//! The results page, the hall view, their access rule, and downloads.

pub mod access;
pub mod downloads;
pub mod early;
pub mod live_results;
pub mod page;
pub mod screen;
pub mod turnout;

#[cfg(feature = "ssr")]
pub mod blt;
#[cfg(feature = "ssr")]
pub mod csv;
#[cfg(feature = "ssr")]
pub mod export;
#[cfg(feature = "ssr")]
pub mod icalendar;
