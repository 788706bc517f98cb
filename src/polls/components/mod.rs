//! Components shared by several poll pages.

pub mod badge;
pub mod choices;
pub mod draw_note;
pub mod introduction;
mod ranked_row;
pub mod rankings;
pub mod ratings;
pub mod receipt_notice;
pub mod results_table;
pub mod rounds;
pub mod summary;

#[cfg(feature = "ssr")]
pub mod receipt_cookie;
