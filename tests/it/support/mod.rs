//! Shared by tests: running sites, people with browsers, and a log that is searched for secrets.

pub(crate) mod app;
pub(crate) mod browser;
pub(crate) mod environment;
pub(crate) mod html;
pub(crate) mod log_canary;
pub(crate) mod migrated;
pub(crate) mod operator;
pub(crate) mod passkey_device;
pub(crate) mod voters;
