//! The frame of every page: layout, metadata, and the page that tells of an error.

pub mod error_page;
pub mod layout;
pub mod meta_tags;
pub mod page_meta;
