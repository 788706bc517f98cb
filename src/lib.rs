//! Pollstr: polls that cannot be stuffed. One verified phone number, one vote, and ballots without names.
//!
//! The house, in reading order:
//!
//! - [`app`]: the map of all pages.
//! - [`accounts`]: who you are. Register, log in, prove a number; and the guard.
//! - [`polls`]: asking, voting, counting, showing.
//! - [`web`]: what every page needs. Forms, layout, and how the server speaks to browsers.
//! - `verification`: is this number yours? The provider's protocol. (`ssr`)
//! - `simulator`: a pretended phone network that speaks it too. (`ssr`)
//! - `server`: from settings to a site that answers. (`ssr`)
//! - `platform`: settings, database, keys, clock and log. (`ssr`)
//!
//! With the feature `ssr` it is the server; with `hydrate` alone, the components and server functions as a browser would compile
//! them, which proves that they are isomorphic. No such build is shipped: pages are HTML, enhanced by htmx.

// A whole page is one type, and its futures are laid out in full.
#![recursion_limit = "256"]

pub mod accounts;
pub mod app;
pub mod polls;
pub mod web;

#[cfg(feature = "ssr")]
pub mod platform;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod simulator;
#[cfg(feature = "ssr")]
pub mod verification;
