//! Phone number verification: sends a code to a number and checks the code that is typed.
//!
//! A code counts as correct only if the provider explicitly says so, and no request to the provider
//! is repeated. The provider owns the code: it creates it, sends it, expires it and counts wrong
//! attempts. Users, pages, sessions and the database are out of scope here: callers decide who may
//! ask, how often, and what follows.

pub mod channel;
mod client;
#[cfg(test)]
mod fake_provider;
pub mod health;
pub mod numbers;
pub mod provider;
mod twilio;
mod vonage;
mod vonage_v2;

pub use crate::verification::channel::Channel;
pub use crate::verification::client::BuildError;
pub use crate::verification::numbers::phone::Phone;
pub use crate::verification::numbers::phone_error::PhoneError;
pub use crate::verification::numbers::policy::Policy;
pub use crate::verification::provider::{
    CANCEL_LINGER, Cancel, Check, Fault, NumberRefusal, Provider, RequestId, Start, TRIES_PER_CODE,
};
pub use crate::verification::twilio::{Settings as TwilioSettings, Twilio};
pub use crate::verification::vonage::{Settings as VonageSettings, Vonage};
pub use crate::verification::vonage_v2::VonageV2;
