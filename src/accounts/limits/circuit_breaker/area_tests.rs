//! Unit tests of `area`.

use super::*;
use crate::verification::Policy;

fn areas(number: &str) -> [String; 2] {
    prefixes(
        &Keys::derive([7; 32]),
        &Phone::parse(number, None, Policy::default()).unwrap(),
    )
}

#[test]
fn numbers_that_differ_in_their_last_digits_begin_alike() {
    assert_eq!(areas("+447400123456"), areas("+447400129999"));
    let other = areas("+447400133456");
    assert_ne!(areas("+447400123456")[0], other[0]);
    assert_eq!(areas("+447400123456")[1], other[1]);
    assert_ne!(areas("+447400123456")[1], areas("+447401123456")[1]);
}

#[test]
fn a_prefix_is_no_whole_country() {
    // Andorra's numbers have six digits.
    let [prefix, wide] = areas("+376312345");
    assert!(!prefix.is_empty() && wide.is_empty());
}

#[test]
fn an_area_is_read_back_as_it_was_written() {
    for kind in [Kind::Network, Kind::Prefix, Kind::WidePrefix, Kind::Country] {
        assert_eq!(Kind::parse(&kind.area("GB")), Some((kind, "GB")));
    }
    assert_eq!(Kind::parse("all"), None);
}
