//! Unit tests of `release`.

use super::*;

#[test]
fn five_votes_are_shown_at_once_and_fewer_when_their_time_has_come() {
    let rule = Rule::PUBLIC;
    assert_eq!(rule.step(7, 7, None, 0), Step::Stay);
    assert_eq!(rule.step(7, 12, None, 0), Step::Release);
    assert_eq!(rule.step(7, 12, Some(3_000), 0), Step::Release);
    assert_eq!(rule.step(7, 11, Some(3_000), 2_999), Step::Stay);
    assert_eq!(rule.step(7, 11, Some(3_000), 3_000), Step::Release);
    assert_eq!(rule.step(7, 3, None, 0), Step::Release);
    // Long after it was due, the wait begins again: the last vote may have been cast just now.
    assert!(matches!(
        rule.step(7, 9, Some(3_000), 60_000),
        Step::WaitUntil(_)
    ));
}

#[test]
fn the_wait_is_two_to_six_seconds_and_never_the_same() {
    let waits: Vec<i64> = (0..1_000)
        .map(|_| match Rule::PUBLIC.step(0, 1, None, 100_000) {
            Step::WaitUntil(due) => due - 100_000,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(waits.iter().all(|wait| (2_000..=6_000).contains(wait)));
    let before = |end: i64| waits.iter().filter(|wait| **wait < end).count();
    assert!(
        (150..350).contains(&before(3_000)) && (400..600).contains(&before(4_000)),
        "{} {}",
        before(3_000),
        before(4_000)
    );
    assert!(
        waits
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            > 800
    );
}
