//! Components shared by several poll pages.

pub mod badge;
pub mod bar_row;
pub mod draw_note;
pub mod introduction;
mod naming;
pub mod rankings;
pub mod ratings;
pub mod receipt_notice;
pub mod results_table;
pub mod rounds;
pub mod summary;
pub mod texts;

#[cfg(feature = "ssr")]
pub mod receipt_cookie;
