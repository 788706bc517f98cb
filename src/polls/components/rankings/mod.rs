//! The results of rankings. The rounds of a run-off are in [`crate::polls::components::rounds`].

pub mod duels;
pub(crate) mod ranked_row;
pub mod seat_row;
pub mod stages;
pub(crate) mod verdicts;
