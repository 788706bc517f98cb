//! Unit tests of `schema`.

use super::*;

#[test]
fn a_schema_is_compared_by_its_migrations() {
    let mut applied = steps();
    assert_eq!(Schema::of(&applied), Schema::Current);
    let last = applied.pop().unwrap();
    assert_eq!(Schema::of(&applied), Schema::Earlier);
    assert_eq!(Schema::of(&[]), Schema::Empty);
    applied.extend([last, "m9999_later".to_owned()]);
    assert_eq!(Schema::of(&applied), Schema::Later);
}
