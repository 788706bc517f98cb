//! Creating, finding and running polls, and showing their results.

pub(crate) mod create;
pub(crate) mod create_once;
pub(crate) mod downloads;
pub(crate) mod draws;
pub(crate) mod early_results;
pub(crate) mod hidden_results;
pub(crate) mod lists;
pub(crate) mod live;
pub(crate) mod manage;
pub(crate) mod operator;
pub(crate) mod rankings;
pub(crate) mod releases;
pub(crate) mod screens;
pub(crate) mod sealing;
pub(crate) mod search;
pub(crate) mod shares;
pub(crate) mod sharing;
pub(crate) mod stories;
pub(crate) mod turnout;
