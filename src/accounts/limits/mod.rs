//! Rate limits on logins, codes, sign-ups and polls. [`Limit`] lists them all.
//!
//! Counts are database rows, so limits hold across accounts, instances and restarts; only checks of
//! numbers by strangers are counted in memory. A refused request uses nothing up and says when to
//! retry.

pub mod circuit_breaker;
pub mod clock_set_back;
mod counting;
mod expiry;
mod limit;
pub mod number_checks;
pub mod overrides;
pub mod passwords;
pub mod sends;
mod tries;

pub use crate::accounts::limits::counting::{CountedTry, LimitError};
pub use crate::accounts::limits::expiry::forget;
pub use crate::accounts::limits::limit::{BETWEEN_SENDS, CODE_LIFETIME, Limit, TooOften};
pub use crate::accounts::limits::overrides::allow as allow_for_an_event;
pub use crate::accounts::limits::tries::{
    codes_left, count_new_poll, count_registration, count_taken_name, count_try,
    forget_wrong_codes, wait_for_tries,
};
