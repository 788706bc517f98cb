//! Creating a poll: the form, templates for it, and what is written before sign-up.

pub mod keep;
pub mod page;
pub mod templates;

#[cfg(feature = "ssr")]
pub(crate) mod cookie;
