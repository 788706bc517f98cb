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
//! - `server`, `serve`, `start`: from settings to a site that answers. (`ssr`)
//! - `turn`, `pooler`, `place`, `check`: what a start waits for, refuses and finds. (`ssr`)
//! - `health`, `metrics`: what whoever watches the process may ask. (`ssr`)
//! - `log_queue`, `write_deadline`: readers that are gone or stand still hold nothing up. (`ssr`)
//! - `config`, `clock`, `db`, `keys`, `letters`, `copied`: the ground it stands on. (`ssr`)
//!
//! With the feature `ssr` it is the server; with `hydrate` alone, the components and server functions as a browser would compile
//! them, which proves that they are isomorphic. No such build is shipped: pages are HTML, enhanced by htmx.

pub mod accounts;
pub mod app;
pub mod polls;
pub mod web;

#[cfg(feature = "ssr")]
pub mod backup;
#[cfg(feature = "ssr")]
pub mod check;
#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod copied;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod health;
#[cfg(feature = "ssr")]
pub mod keys;
#[cfg(feature = "ssr")]
pub mod letters;
#[cfg(feature = "ssr")]
pub mod log_queue;
#[cfg(feature = "ssr")]
pub mod metrics;
#[cfg(feature = "ssr")]
pub mod place;
#[cfg(feature = "ssr")]
pub mod pooler;
#[cfg(feature = "ssr")]
pub mod serve;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod simulator;
#[cfg(feature = "ssr")]
pub mod start;
#[cfg(feature = "ssr")]
pub mod turn;
#[cfg(feature = "ssr")]
pub mod verification;
#[cfg(feature = "ssr")]
pub mod write_deadline;
