//! Unit tests of `changes`.

use super::postgres::parse;
use super::*;

#[test]
fn statements_about_sessions_and_accounts_are_told_from_others() {
    for sql in [
        "UPDATE session SET data = $1",
        "DELETE FROM \"account\" WHERE id = $1",
        "delete from\nsession",
    ] {
        assert!(may_change_identities(sql), "{sql}");
    }
    for sql in [
        "INSERT INTO account_participation (poll_id) VALUES ($1)",
        "UPDATE verification SET account_id = $1",
    ] {
        assert!(!may_change_identities(sql), "{sql}");
    }
}

#[test]
fn a_list_of_changes_is_read_and_what_is_unknown_means_any() {
    use IdentityChange::{Account, Any, Session};
    assert_eq!(parse("a17 s0fff"), [Account(17), Session(vec![15, 255])]);
    assert_eq!(parse("* sx a"), [Any, Any, Any]);
    assert_eq!(parse(""), []);
}
