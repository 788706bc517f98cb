//! What admins do with polls.

pub mod pages;

#[cfg(feature = "ssr")]
pub mod commands;
