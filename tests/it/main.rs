//! The integration tests: a real server on a port of its own, a real database, the simulated phone network, a clock set by hand.
//!
//! They are one binary, for linking is slow. Each test makes its own site, and people act on it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod account;
mod architecture;
mod canaries;
mod clock_set_back;
mod closed_outputs;
mod connections;
mod contact;
mod conversations;
mod copied;
mod crashes;
mod database_away;
mod database_faults;
mod databases;
mod dead_codes;
mod dialling;
mod doors;
mod electorate;
mod factors;
mod front_door;
mod guessing;
mod journeys;
mod landlines;
mod live;
mod logs;
mod looking_after;
mod lost_answers;
mod made_once;
mod making;
mod mobile_only;
mod model;
mod names;
mod numbers;
mod one_line;
mod one_reader;
mod operator;
mod other_windows;
mod outages;
mod passkeys;
mod passwords;
mod people;
mod per_account;
mod races;
mod read_only;
mod releases;
mod remembered;
mod running;
mod sealing;
mod secrecy;
mod sending;
mod sent_again;
mod share;
mod site;
mod starting;
mod stopping;
mod taking_along;
mod tolls;
mod turns;
mod twice;
mod voting;
