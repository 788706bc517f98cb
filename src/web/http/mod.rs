//! Middleware and HTTP building blocks.

pub mod access_log;
pub mod admission;
pub mod assets;
pub mod body_deadline;
pub mod client_ip;
pub mod connection_slots;
pub mod cookie;
pub mod csrf;
pub mod headers;
pub mod visit;
