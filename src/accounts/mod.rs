//! Accounts: names, passwords, phone numbers, second factors, sessions, and access checks.

pub mod admin;
pub mod factors;
pub mod guard;
pub mod login;
pub mod passwords;
pub mod phone;
pub mod requirements;
pub mod settings;
pub mod viewer;

#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod code;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod names;
#[cfg(feature = "ssr")]
pub mod seed;
#[cfg(feature = "ssr")]
pub mod sessions;
#[cfg(feature = "ssr")]
pub mod store;
