//! Integration tests: a real server on its own port, a real database, the simulated phone network,
//! and a clock that tests move.
//!
//! They are one binary, since linking is slow. Each test starts its own site.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod accounts;
mod architecture;
mod database;
mod journeys;
mod phone;
mod polls;
mod server;
mod support;
mod voting;
