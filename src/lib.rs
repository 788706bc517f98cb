//! Pollstr: polls that cannot be stuffed. One verified phone number, one vote, and ballots without
//! names.
//!
//! The modules, in reading order:
//!
//! - [`app`]: the route table.
//! - [`accounts`]: sign-up, login, phone verification and access guards.
//! - [`polls`]: creating polls, voting, counting and showing results.
//! - [`web`]: what every page needs: forms, layout, HTTP.
//! - `verification`: clients for the providers that verify phone numbers. (`ssr`)
//! - `simulator`: a simulated phone network that speaks the providers' protocols. (`ssr`)
//! - `server`: builds and runs the site from its settings. (`ssr`)
//! - `platform`: settings, database, keys, clock and log. (`ssr`)
//!
//! With the feature `ssr` the crate is the server. With `hydrate` alone it contains only the
//! components and server functions as a browser would compile them, which checks that they are
//! isomorphic. No such build is shipped: pages are HTML, enhanced by htmx.

// The type of a page nests all its components, and rustc computes the layout of its futures.
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
