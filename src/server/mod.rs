//! The process: router, listener, startup, background jobs, health and metrics.

pub mod check;
pub mod health;
pub mod jobs;
pub mod listener;
pub mod metrics;
pub mod provider;
pub mod router;
pub mod signals;
pub mod start_error;
pub mod startup;
pub mod startup_lock;
pub mod state;
pub mod upgrade;
