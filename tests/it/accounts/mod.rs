//! Accounts: names, passwords, second factors, settings and admins.

pub(crate) mod admin_commands;
pub(crate) mod admin_numbers;
pub(crate) mod admin_pages;
pub(crate) mod guessing;
pub(crate) mod other_tabs;
pub(crate) mod passkeys;
pub(crate) mod passwords;
pub(crate) mod repeated_forms;
pub(crate) mod second_factors;
pub(crate) mod session_cache;
pub(crate) mod settings;
pub(crate) mod trusted_browsers;
pub(crate) mod usernames;
