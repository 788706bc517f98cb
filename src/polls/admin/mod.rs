//! Poll moderation by admins, and by the operator with `pollstr poll`.

pub mod overview;
pub mod pages;
pub mod watched_poll;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod delete;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod listing;
#[cfg(feature = "ssr")]
pub mod show;
#[cfg(feature = "ssr")]
pub mod voting_since;
