//! The home page with its list of polls, and the page of one poll.

pub mod home;
pub mod show;
