//! Polls: creating, finding, voting, counting, showing and sealing them.

pub mod admin;
pub mod browse;
pub mod components;
pub mod current_poll;
pub mod manage;
pub mod model;
pub mod results;
pub mod sharing;
pub mod voting;

#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod sealing;
#[cfg(feature = "ssr")]
pub mod seed;
#[cfg(feature = "ssr")]
pub mod store;
