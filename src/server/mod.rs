//! The process: router, listener, startup, health and metrics.

pub mod check;
pub mod health;
pub mod listener;
pub mod metrics;
pub mod router;
pub mod signals;
pub mod startup;
pub mod startup_lock;
pub mod upgrade;
pub mod write_deadline;
