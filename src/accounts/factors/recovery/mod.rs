//! Recovery codes: offering, generating and redeeming them.

pub mod generate;
pub mod offer;
pub mod redeem;

#[cfg(feature = "ssr")]
pub mod codes;
