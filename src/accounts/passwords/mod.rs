//! Passwords: rules, hashing, changing them and asking for them again.

pub mod change;
pub mod confirm;

#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub mod reauthenticate;
