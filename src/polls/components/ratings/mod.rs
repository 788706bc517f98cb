//! Components for the results of ratings.

pub mod final_table;
pub mod rated_row;
pub mod verdicts;
