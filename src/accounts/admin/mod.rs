//! What admins and operators do with accounts, on pages and on the command line.

pub mod pages;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod sms_status;
