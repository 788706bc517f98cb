//! Components that all pages share.

pub mod contact;
pub mod field;
pub mod form;
pub mod fragments;
pub mod page;
pub mod prose;
pub mod qr;
pub mod row;
pub mod section;
pub mod sentence;
