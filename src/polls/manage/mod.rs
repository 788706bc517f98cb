//! Poll management for organisers: create, edit, open, close, copy and delete.

pub mod controls;
pub mod copy;
pub mod create;
pub mod edit;
pub mod my_polls;
pub mod poll_form;
pub mod poll_ref;
pub mod remove;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod copy_and_remove;
#[cfg(feature = "ssr")]
pub mod data_export;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod lifecycle;
