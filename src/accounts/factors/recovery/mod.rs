//! Recovery codes: generating and redeeming them.

pub mod generate;
pub mod redeem;

#[cfg(feature = "ssr")]
pub mod codes;
