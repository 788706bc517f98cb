//! Sealing the ballots of closed polls, and recounting them.

pub mod bundle;
#[cfg(feature = "ssr")]
pub mod bundle_format;
pub mod recount;
#[cfg(feature = "ssr")]
pub mod recount_file;
#[cfg(feature = "ssr")]
pub mod recount_parser;
pub mod seal;
pub mod vacuum;
