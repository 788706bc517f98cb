//! Polls: asking, voting, counting, showing.

pub mod ballot;
pub mod count;
pub mod embed;
pub mod index;
pub mod lookup;
pub mod paper;
pub mod poll;
pub mod results;
pub mod rounds;
pub mod selection;
pub mod share;
pub mod show;
pub mod verdict;

#[cfg(feature = "ssr")]
pub mod ballot_box;
#[cfg(feature = "ssr")]
pub mod orphans;
#[cfg(feature = "ssr")]
pub mod outside;
#[cfg(feature = "ssr")]
pub mod picture;
#[cfg(feature = "ssr")]
pub mod receipt;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
pub mod seed;
#[cfg(feature = "ssr")]
pub mod store;
