//! Remembers the sessions of recent requests, so that a reader who was here a moment ago costs no
//! database query.
//!
//! An entry is dropped when its session or account changes: at once if this process changed it,
//! within 250 ms if another one did. Without a lease, other processes' changes might be missed, so
//! every request asks the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::accounts::sessions::row::Row;
use crate::platform::db::Db;
use crate::platform::db::changes::{IdentityChange, Lease};
use crate::platform::db::follow::follow;

/// Maximum number of entries; the cache is cleared when it is full.
const MAX_ENTRIES: usize = 20_000;

/// Rows of sessions, joined with their accounts. Clones share them.
#[derive(Clone, Debug)]
pub struct SessionCache(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    lease: Arc<Lease>,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    /// Counts the reports of changes. A row that was read before a report is not stored after it.
    reports: u64,
    rows: HashMap<Vec<u8>, Arc<Row>>,
    /// The session keys of each account.
    accounts: HashMap<i64, Vec<Vec<u8>>>,
}

/// Taken before a row is read; a row is stored only if nothing has changed since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading(u64);

impl SessionCache {
    /// Creates a cache that remembers nothing.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Creates a cache that follows the changes in this database.
    #[must_use]
    pub fn following(db: &Db) -> Self {
        let shared = Arc::new(Shared {
            lease: Arc::default(),
            entries: Mutex::default(),
        });
        follow(db, &shared.lease);
        let cache = Arc::clone(&shared);
        db.identity_changes()
            .subscribe(move |changes| cache.entries().forget(changes));
        Self(Some(shared))
    }

    /// Returns the row of a session, if it is remembered.
    pub(super) fn get(&self, key: &[u8]) -> Option<Arc<Row>> {
        let shared = self.0.as_ref().filter(|shared| shared.lease.holds())?;
        shared.entries().rows.get(key).cloned()
    }

    /// Begins to read a row from the database.
    pub(super) fn reading(&self) -> Reading {
        Reading(self.0.as_ref().map_or(0, |shared| shared.entries().reports))
    }

    /// Remembers a row, unless something has changed since it was read.
    pub(super) fn put(&self, key: Vec<u8>, row: Arc<Row>, reading: Reading) {
        let Some(shared) = &self.0 else {
            return;
        };
        let mut entries = shared.entries();
        if entries.reports != reading.0 {
            return;
        }
        if entries.rows.len() >= MAX_ENTRIES {
            entries.clear();
        }
        if let Some(account) = row.account_id {
            let keys = entries.accounts.entry(account).or_default();
            if !keys.contains(&key) {
                keys.push(key.clone());
            }
        }
        entries.rows.insert(key, row);
    }
}

impl Shared {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn forget(&mut self, changes: &[IdentityChange]) {
        self.reports += 1;
        for change in changes {
            match change {
                IdentityChange::Any => self.clear(),
                IdentityChange::Session(key) => self.forget_session(key),
                IdentityChange::Account(id) => {
                    for key in self.accounts.remove(id).unwrap_or_default() {
                        self.rows.remove(&key);
                    }
                }
            }
        }
    }

    fn forget_session(&mut self, key: &[u8]) {
        let Some(account) = self.rows.remove(key).and_then(|row| row.account_id) else {
            return;
        };
        if let Some(keys) = self.accounts.get_mut(&account) {
            keys.retain(|other| other != key);
            if keys.is_empty() {
                self.accounts.remove(&account);
            }
        }
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.accounts.clear();
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
