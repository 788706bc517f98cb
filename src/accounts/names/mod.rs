//! User names: which may be chosen, and which look alike.

pub mod confusables;
pub mod username;
