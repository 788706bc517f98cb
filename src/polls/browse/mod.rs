//! The home page with the list of polls, the poll page, and the page where people find out whether
//! they can vote.

pub mod can_i_vote;
pub mod home;
pub mod list;
pub mod show;
