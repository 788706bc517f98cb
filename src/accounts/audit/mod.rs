//! The audit log of accounts: what happened, when and from where, for the owner to read and for
//! admins.
//!
//! Never a code, a whole number or a ballot. Events outlive the account and then name no one; after
//! a year they are deleted.

mod client_info;
mod entries;
mod kind;
mod log;
pub mod user_agent;

pub use crate::accounts::audit::client_info::ClientInfo;
pub use crate::accounts::audit::entries::{
    AuditEntry, everything, lately, read_notices, unread_notices,
};
pub use crate::accounts::audit::kind::AuditKind;
pub use crate::accounts::audit::log::{AuditEvent, MEMORY, forget, record};

#[cfg(test)]
mod tests;
