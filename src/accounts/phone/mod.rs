//! Phone number verification: sending a code, checking it, changing the number.

pub mod change_number;
pub mod check_code;
pub mod field;
pub mod resend_code;
pub mod send_code;
pub mod state;

#[cfg(feature = "ssr")]
pub mod check_error;
#[cfg(feature = "ssr")]
pub mod checker;
#[cfg(feature = "ssr")]
pub mod sender;
#[cfg(feature = "ssr")]
pub mod verifications;
