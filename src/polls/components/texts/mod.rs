//! Texts of a poll below its question.

pub mod choices;
pub mod corrections;
