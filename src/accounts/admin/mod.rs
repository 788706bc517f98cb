//! What admins and operators do with accounts, on pages and on the command line.

pub mod account_page;
pub mod pages;
pub mod suspend;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod sms_status;
#[cfg(feature = "ssr")]
pub mod suspend_commands;
