//! Rate limits of logins, codes, new accounts and polls. Every rate has a name in [`rules`].
//!
//! Counts are rows, so limits hold across accounts, instances and restarts. A refused request uses
//! nothing up and says when to come back.

pub mod area;
mod attempts;
pub mod circuit_breaker;
pub mod clock_set_back;
mod counting;
mod expiry;
mod overrides;
pub mod passwords;
pub mod resume;
pub mod rules;
mod send_outcomes;
mod send_request;
mod sends;
mod trip;
mod turns;

pub use crate::accounts::limits::attempts::{
    app_code_try, code_try, codes_left, forget_wrong_codes, may_type_codes, name_try, new_poll,
    recovery_code_try, registration,
};
pub use crate::accounts::limits::counting::{CountedFailure, LimitError};
pub use crate::accounts::limits::expiry::forget;
pub use crate::accounts::limits::overrides::allow as allow_for_an_event;
pub use crate::accounts::limits::resume::{Which, resume};
pub use crate::accounts::limits::rules::{BETWEEN_SENDS, CODE_IS_OVER};
pub use crate::accounts::limits::send_outcomes::{
    confirmed, replaced, restored, sent_once_more, unsend, was_call,
};
pub use crate::accounts::limits::send_request::{Send, SendDenied, Sent};
pub use crate::accounts::limits::sends::{just_now, next_send, send, sent_to};
pub use crate::accounts::limits::turns::{in_the_way, wait as wait_for_turn};
