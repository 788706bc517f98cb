//! The integration tests: a real server on a port of its own, a real database, the simulated phone network, a clock set by hand.
//!
//! They are one binary, for linking is slow. Each test makes its own site, and people act on it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod account;
mod architecture;
mod canaries;
mod closed_outputs;
mod connections;
mod conversations;
mod crashes;
mod database_away;
mod database_faults;
mod databases;
mod doors;
mod electorate;
mod factors;
mod front_door;
mod guessing;
mod journeys;
mod live;
mod logs;
mod looking_after;
mod making;
mod model;
mod numbers;
mod one_reader;
mod operator;
mod outages;
mod passkeys;
mod people;
mod races;
mod releases;
mod remembered;
mod running;
mod sealing;
mod secrecy;
mod sending;
mod share;
mod site;
mod stopping;
mod taking_along;
mod voting;
