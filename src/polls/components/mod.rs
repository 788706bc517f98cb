//! Components that several pages of a poll share.

pub mod receipt_notice;
pub mod rounds;
pub mod summary;
