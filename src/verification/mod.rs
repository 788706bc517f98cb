//! Is this phone number yours? Sends a code to a number and says whether the code that came back was right.
//!
//! Promises that success is said only when the provider said exactly that, and that nothing is asked of the provider twice. The
//! provider owns the code: it makes it, sends it, lets it expire, counts the wrong ones. Must not know users, pages, sessions or
//! the database; who asks, how often, and what follows from an answer is decided elsewhere.

pub mod channel;
mod client;
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
    Cancel, Check, Fault, LINGERS, NumberRefusal, Provider, RequestId, Start, TRIES_PER_CODE,
};
pub use crate::verification::twilio::{Settings as TwilioSettings, Twilio};
pub use crate::verification::vonage::{Settings as VonageSettings, Vonage};
pub use crate::verification::vonage_v2::VonageV2;
