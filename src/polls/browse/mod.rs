//! The home page with the list of polls, and the poll page.

pub mod home;
pub mod list;
pub mod show;
