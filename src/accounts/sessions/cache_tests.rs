//! Tests of the session cache.

use super::*;
use crate::platform::clock::since_boot;

fn cache() -> SessionCache {
    let lease = Arc::new(Lease::default());
    lease.renew(since_boot() + std::time::Duration::from_hours(1));
    SessionCache(Some(Arc::new(Shared {
        lease,
        entries: Mutex::default(),
    })))
}

fn forget(cache: &SessionCache, changes: &[IdentityChange]) {
    cache.0.as_ref().unwrap().entries().forget(changes);
}

fn put(cache: &SessionCache, key: u8, account: i64) {
    let mut row = Row::default();
    row.account_id = Some(account);
    cache.put(vec![key], Arc::new(row), cache.reading());
}

fn known(cache: &SessionCache) -> Vec<u8> {
    (1..=4).filter(|key| cache.get(&[*key]).is_some()).collect()
}

#[test]
fn a_change_drops_the_session_or_all_of_the_account() {
    let cache = cache();
    for (key, account) in [(1, 7), (2, 7), (3, 8), (4, 8)] {
        put(&cache, key, account);
    }
    forget(&cache, &[IdentityChange::Session(vec![3])]);
    assert_eq!(known(&cache), [1, 2, 4]);
    forget(&cache, &[IdentityChange::Account(7)]);
    assert_eq!(known(&cache), [4]);
    forget(&cache, &[IdentityChange::Account(8)]);
    assert!(known(&cache).is_empty());
    put(&cache, 1, 7);
    forget(&cache, &[IdentityChange::Any]);
    assert!(known(&cache).is_empty());
}

#[test]
fn a_row_that_was_read_before_a_change_is_not_stored_after_it() {
    let cache = cache();
    let reading = cache.reading();
    forget(&cache, &[IdentityChange::Account(8)]);
    cache.put(vec![1], Arc::new(Row::default()), reading);
    assert!(known(&cache).is_empty());
}

#[test]
fn nothing_is_known_once_the_lease_has_ended() {
    let cache = cache();
    put(&cache, 1, 7);
    cache.0.as_ref().unwrap().lease.end();
    assert!(known(&cache).is_empty());
}

#[test]
fn a_session_that_is_stored_twice_is_dropped_once_and_for_all() {
    let cache = cache();
    put(&cache, 1, 7);
    put(&cache, 1, 7);
    forget(&cache, &[IdentityChange::Session(vec![1])]);
    assert!(known(&cache).is_empty());
    assert!(cache.0.as_ref().unwrap().entries().accounts.is_empty());
}
