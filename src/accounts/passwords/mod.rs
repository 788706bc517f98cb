//! Passwords: rules, hashing, changing and retyping them.

pub mod change;
pub mod confirm;

#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub mod reauthenticate;
