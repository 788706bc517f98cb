//! Which sessions and accounts have changed, for caches that remember them.
//!
//! Triggers record each change, so that no statement can forget to. A transaction of this process
//! reports its changes before its commit returns; `follow` reports those of other processes.

mod lease;
pub(super) mod postgres;
mod sqlite;

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

pub use crate::platform::db::changes::lease::Lease;

/// What has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityChange {
    /// Any session or account.
    Any,
    /// The session with this key.
    Session(Vec<u8>),
    /// The account with this ID, and with it all its sessions.
    Account(i64),
}

/// Reports changes to the cache that subscribed. Clones share it.
#[derive(Clone, Default)]
pub struct IdentityChanges(Arc<Shared>);

type Subscriber = Box<dyn Fn(&[IdentityChange]) + Send + Sync>;

#[derive(Default)]
struct Shared {
    subscriber: OnceLock<Subscriber>,
    /// The last change in SQLite's table that was reported.
    last: AtomicI64,
}

impl fmt::Debug for IdentityChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityChanges")
    }
}

/// The changes of a transaction, reported once it is committed.
#[derive(Debug)]
pub(super) struct Pending {
    changes: Vec<IdentityChange>,
    last: i64,
}

impl IdentityChanges {
    /// Calls `forget` with all changes from now on. Only the first call has an effect.
    pub fn subscribe(&self, forget: impl Fn(&[IdentityChange]) + Send + Sync + 'static) {
        let _ = self.0.subscriber.set(Box::new(forget));
    }

    /// Reports changes.
    pub(super) fn report(&self, changes: &[IdentityChange]) {
        if let Some(forget) = self.0.subscriber.get().filter(|_| !changes.is_empty()) {
            forget(changes);
        }
    }

    /// Reads what the running transaction has changed.
    pub(super) async fn pending(&self, transaction: &impl ConnectionTrait) -> Pending {
        let read = match transaction.get_database_backend() {
            DbBackend::Postgres => postgres::changes_of(transaction)
                .await
                .map(|changes| Pending { changes, last: 0 }),
            _ => sqlite::changes_since(transaction, self.last()).await,
        };
        read.unwrap_or_else(|error| {
            tracing::warn!(%error, "the changes of a transaction could not be read");
            Pending {
                changes: vec![IdentityChange::Any],
                last: 0,
            }
        })
    }

    /// Reports the changes of a transaction. If its commit failed, it may still be stored, now or
    /// later.
    pub(super) fn settled(&self, pending: &Pending, committed: bool) {
        if committed {
            self.report(&pending.changes);
            self.0.last.fetch_max(pending.last, Ordering::AcqRel);
        } else {
            self.report(&[IdentityChange::Any]);
        }
    }

    /// Reports the changes that SQLite's table has and that were not reported yet.
    pub(super) async fn report_new(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let Pending { changes, last } = sqlite::changes_since(db, self.last()).await?;
        self.report(&changes);
        self.0.last.fetch_max(last, Ordering::AcqRel);
        Ok(())
    }

    fn last(&self) -> i64 {
        self.0.last.load(Ordering::Acquire)
    }
}

/// Returns whether a statement may change sessions or accounts.
pub(super) fn may_change_identities(sql: &str) -> bool {
    let named = |table: &str| {
        sql.contains(table)
            && sql
                .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .any(|word| word == table)
    };
    named("session") || named("account")
}

#[cfg(test)]
mod tests;
