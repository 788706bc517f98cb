//! The results of rankings that are counted otherwise than by a run-off.

pub mod duels;
pub mod seat_row;
pub mod stages;
pub(crate) mod verdicts;
