//! Components and page metadata that all pages share.

pub mod contact;
pub mod error_page;
pub mod field;
pub mod form;
pub mod fragments;
pub mod layout;
pub mod meta_tags;
pub mod page_meta;
pub mod prose;
pub mod qr;
pub mod section;
