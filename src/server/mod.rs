//! The process: router, listener, startup, background jobs, health and metrics.

pub mod check;
pub mod health;
pub mod jobs;
mod layers;
pub mod listener;
pub mod metrics;
pub mod move_database;
pub mod notify;
pub mod probe;
pub mod provider;
pub mod restore;
pub mod router;
pub mod signals;
pub mod startup;
pub mod state;
