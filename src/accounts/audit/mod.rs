//! Audit log of accounts: what happened, when and from where, for owners and admins to read.
//!
//! It never contains a code, a full phone number or a ballot. Events outlive the account, without
//! identifying it, and are deleted after a year.

mod client_info;
mod entries;
mod kind;
mod log;
pub mod user_agent;

pub use crate::accounts::audit::client_info::ClientInfo;
pub use crate::accounts::audit::entries::{
    AuditEntry, SiteEvent, all, latest, mark_notices_read, recent, unread_notices,
};
pub use crate::accounts::audit::kind::AuditKind;
pub use crate::accounts::audit::log::{AuditEvent, MEMORY, forget, record};

#[cfg(test)]
mod tests;
