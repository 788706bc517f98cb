//! What an organiser does with a poll: create, edit, open, close, copy and delete.

pub mod choice_fields;
pub mod controls;
pub mod copy;
pub mod create;
pub mod edit;
pub mod form;
pub mod form_options;
pub mod my_polls;
pub mod poll_ref;
pub mod remove;

#[cfg(feature = "ssr")]
pub mod as_typed;
#[cfg(feature = "ssr")]
pub mod choices;
#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod copy_and_remove;
#[cfg(feature = "ssr")]
pub mod data_export;
#[cfg(feature = "ssr")]
pub mod draft_error;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod lifecycle;
#[cfg(feature = "ssr")]
pub mod times;
#[cfg(feature = "ssr")]
pub mod validate;
