//! Passkeys (WebAuthn): registering, listing, removing and using them.

pub mod check;
pub mod manage;
pub mod prompt;

#[cfg(feature = "ssr")]
pub(crate) mod attestation;
#[cfg(feature = "ssr")]
pub mod authentication;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod flaw;
#[cfg(feature = "ssr")]
pub mod public_keys;
#[cfg(feature = "ssr")]
pub mod registration;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod webauthn;
