//! Unit tests of `locks`.

use super::*;

#[test]
fn keys_stay_what_they_were_and_differ() {
    let locks = [
        (Lock::Startup, 0x57a7),
        (Lock::Sealing, 0x5ea1),
        (Lock::Sending, 0x5e4d),
        (Lock::Numbers, 0x4e55),
        (Lock::Account(7), 0xacc0_0000_0007),
    ];
    for (lock, key) in locks {
        assert_eq!(lock.key(), key, "{lock:?}");
    }
    assert_ne!(
        Lock::Limit("wrong code, account").key(),
        Lock::Limit("wrong app code, account").key()
    );
}
