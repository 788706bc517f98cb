//! Unit tests of `audit`.

use super::*;

#[test]
fn every_word_is_read_back_as_what_was_written() {
    for what in AuditKind::ALL {
        assert_eq!(AuditKind::parse(what.as_str()), Some(*what));
        assert!(!what.as_str().contains('\''), "it stands in a statement");
    }
    assert_eq!(AuditKind::parse("something else"), None);
}
