//! Second factors: authenticator apps, passkeys and recovery codes.

pub mod overview;
pub mod passkeys;
pub mod recovery;
pub mod totp;
pub mod trust_checkbox;
