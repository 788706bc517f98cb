//! Unit tests of `health`.

use super::*;

#[test]
fn only_a_plain_answer_tells_how_we_stand() {
    let standing = ProviderHealth::default();
    assert!(!standing.is_refused());
    standing.hear(Some(Fault::AccountAdmin));
    assert!(standing.is_refused());
    for silent in [Fault::Busy, Fault::Unreachable, Fault::UnexpectedResponse] {
        standing.hear(Some(silent));
        assert!(standing.is_refused(), "{silent:?}");
    }
    standing.hear(None);
    assert!(!standing.is_refused());
    standing.hear(Some(Fault::Unreachable));
    assert!(!standing.is_refused());
}
