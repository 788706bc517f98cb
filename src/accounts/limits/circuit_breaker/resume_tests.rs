//! Unit tests of `resume`.

use super::*;

#[test]
fn a_country_a_beginning_and_an_address_are_told_apart() {
    let keys = Keys::derive([7; 32]);
    assert_eq!(parse("all", &keys), Ok(Which::All));
    assert_eq!(parse("gb", &keys), Ok(Which::Country("GB")));
    assert_eq!(
        parse("2001:db8::7", &keys),
        Ok(Which::Areas(vec!["network 2001:db8::/48".to_owned()]))
    );
    let Ok(Which::Areas(areas)) = parse("+44 7700 90", &keys) else {
        panic!()
    };
    assert!(
        areas.contains(&Kind::Prefix.area(&keys.prefix("44770090")))
            && areas.contains(&Kind::WidePrefix.area(&keys.prefix("447700")))
    );
    for text in ["", "UK", "+", "+44x", "everything"] {
        assert!(parse(text, &keys).is_err(), "{text}");
    }
}
