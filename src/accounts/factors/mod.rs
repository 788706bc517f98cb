//! Second factors: authenticator apps, passkeys and recovery codes.

pub mod passkeys;
pub mod recovery;
pub mod totp;
