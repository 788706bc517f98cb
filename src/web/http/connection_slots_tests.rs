//! Unit tests of `connection_slots`.

use super::*;

#[test]
fn an_address_takes_so_many_places_and_leaves_them_free_again() {
    let (places, amy, ben) = (
        Slots::default(),
        ClientIp("192.0.2.1".to_owned()),
        ClientIp("192.0.2.2".to_owned()),
    );
    let first = places.take(amy.clone(), 2);
    let second = places.take(amy.clone(), 2);
    assert!(first.is_some() && second.is_some() && places.take(amy.clone(), 2).is_none());
    assert!(places.take(ben, 2).is_some(), "others have their own");
    drop(first);
    assert!(places.take(amy, 2).is_some());
    drop(second);
    assert!(places.taken().is_empty(), "what is free is not kept");
}
