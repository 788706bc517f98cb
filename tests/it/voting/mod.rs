//! Casting votes.

pub(crate) mod ballots;
mod can_i_vote;
pub(crate) mod lost_answers;
pub(crate) mod mobile_only;
pub(crate) mod per_account;
pub(crate) mod picks;
mod poll_page;
pub(crate) mod races;
pub(crate) mod repeated_nonces;
pub(crate) mod sent_again;
