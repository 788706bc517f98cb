//! Account administration, for admins on the site and for operators on the command line.

pub mod account_page;
pub mod codes;
pub mod pages;
pub mod suspend;

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod operator;
#[cfg(feature = "ssr")]
pub mod suspend_commands;
#[cfg(feature = "ssr")]
pub mod totals;
