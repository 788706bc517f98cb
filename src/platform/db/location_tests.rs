//! Unit tests of `location`.

use super::*;

#[test]
fn a_place_is_told_in_full_and_without_its_password() {
    let here = std::env::current_dir().unwrap();
    assert_eq!(
        DatabaseLocation::of("sqlite://data/pollstr.db?mode=rwc"),
        DatabaseLocation::File(here.join("data/pollstr.db"))
    );
    assert_eq!(
        DatabaseLocation::of("sqlite:///srv/pollstr.db"),
        DatabaseLocation::File("/srv/pollstr.db".into())
    );
    assert_eq!(
        DatabaseLocation::of("postgres://amy:hush@db.example:5433/polls").to_string(),
        "polls on db.example:5433"
    );
}
