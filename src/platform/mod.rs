//! What the site runs on: settings, database, keys, clock and log.

pub mod backup;
pub mod base32;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod log_writer;
pub mod pasted;
pub mod text;
