//! Poll management for organisers: create, edit, open, correct, close, duplicate and delete.

pub mod controls;
pub mod corrections;
pub mod create;
pub mod delete;
pub mod duplicate;
pub mod edit;
pub mod my_polls;
pub mod poll_form;
pub mod poll_ref;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod data_export;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod lifecycle;
