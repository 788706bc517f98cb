//! Poll moderation by admins.

pub mod overview;
pub mod pages;
pub mod watched_poll;

#[cfg(feature = "ssr")]
pub mod commands;
