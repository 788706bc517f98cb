//! The integration tests: a real server on a port of its own, a real database, the simulated phone network, a clock set by hand.
//!
//! They are one binary, for linking is slow. Each test makes its own site, and people act on it.

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
