//! Account page, with one file per section.

pub mod activity;
pub mod delete;
pub mod export;
pub mod notices;
pub mod page;
pub mod phone;
pub mod second_factors;
pub mod sessions;
pub mod trusted_browsers;

#[cfg(feature = "ssr")]
pub mod export_file;
