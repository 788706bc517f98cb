//! Database tables of polls and votes, and the cache in front of them.

pub mod cache;
pub mod counts;
#[cfg(feature = "ssr")]
pub mod drafts;
#[cfg(feature = "ssr")]
pub mod poll_view;
pub mod polls;
pub mod purge;
pub mod release;
#[cfg(feature = "ssr")]
pub mod rows;
pub mod search;
mod search_terms;
pub mod turnout;
pub mod votes;
