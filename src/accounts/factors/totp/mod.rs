//! Codes from an authenticator app (TOTP).

pub mod check;
pub mod set_up;

#[cfg(feature = "ssr")]
pub mod algorithm;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod store;
