//! Sessions, trusted browsers, step-up, and protection against forms submitted twice.

pub mod active_sessions;
pub mod cache;
#[cfg(feature = "ssr")]
pub mod current;
#[cfg(feature = "ssr")]
pub mod flash;
mod row;
#[cfg(feature = "ssr")]
pub mod sent_form;
pub mod sent_forms;
pub mod session;
pub mod step_up;
pub mod store;
pub mod trusted_browsers;
