//! Usernames: validation, and look-alikes.

pub mod confusables;
pub mod username;
