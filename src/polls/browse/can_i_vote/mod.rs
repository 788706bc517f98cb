//! The page where people find out before a vote whether they can vote: their browser, their number
//! and a practice ballot. It needs no account, sends nothing and stores nothing.

pub mod browser;
pub mod number;
pub mod page;
pub mod practice;
pub mod rules;
