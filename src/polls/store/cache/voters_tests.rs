//! Tests of the cache of voters.

use super::*;

fn voters() -> Voters {
    Voters::new(Duration::from_hours(1))
}

fn key(account: i64) -> VoterKey {
    (account, Some(vec![1; 32]))
}

fn voted(voters: &Voters, poll: &str, account: i64) -> Option<bool> {
    voters.get(poll, &key(account)).map(|voter| voter.voted)
}

#[test]
fn a_vote_drops_who_had_not_voted_and_a_change_drops_all() {
    let voters = voters();
    voters.put("one", key(1), true, None, 0);
    voters.put("one", key(2), false, None, 0);
    voters.put("two", key(2), false, None, 0);
    assert_eq!(voted(&voters, "one", 2), Some(false));
    voters.voted("one");
    assert_eq!(voted(&voters, "one", 1), Some(true));
    assert_eq!(voted(&voters, "one", 2), None);
    assert_eq!(voted(&voters, "two", 2), Some(false));
    voters.forget("one");
    assert_eq!(voted(&voters, "one", 1), None);
}

#[test]
fn another_number_is_another_voter() {
    let voters = voters();
    voters.put("one", key(1), true, None, 0);
    assert!(voters.get("one", &(1, Some(vec![2; 32]))).is_none());
    assert!(voters.get("one", &(1, None)).is_none());
}

#[test]
fn an_answer_that_was_read_before_a_vote_is_not_stored_after_it() {
    let voters = voters();
    let reading = voters.known().forgotten;
    voters.voted("one");
    voters.put("one", key(1), false, None, reading);
    assert_eq!(voted(&voters, "one", 1), None);
    voters.put("two", key(1), false, None, reading);
    assert_eq!(voted(&voters, "two", 1), Some(false));

    // The same when the poll's own count is lost, because the cache was full.
    let reading = voters.known().forgotten;
    voters.voted("one");
    for poll in 0..=MAX_ENTRIES {
        voters.forget(&format!("poll {poll}"));
    }
    voters.put("one", key(1), false, None, reading);
    assert_eq!(voted(&voters, "one", 1), None);
}

#[test]
fn an_answer_is_used_only_while_it_is_fresh() {
    for (ttl, remembered) in [
        (Duration::from_hours(1), Some(false)),
        (Duration::ZERO, None),
    ] {
        let voters = Voters::new(ttl);
        voters.put("one", key(1), false, None, 0);
        assert_eq!(voted(&voters, "one", 1), remembered);
    }
}

#[test]
fn who_had_not_voted_is_known_until_the_poll_is_read_with_more_votes() {
    let voters = Voters::new(Duration::ZERO);
    let known = || {
        let voter = voters.known().voter("one", &key(1));
        voter.map(|voter| (voter.voted, voter.number))
    };
    let (here, abroad) = (Some((false, false)), Some((true, false)));
    let put = |voted, number, reading| voters.put("one", key(1), voted, number, reading);
    let reading = || voters.known().forgotten;
    voters.poll_read("one", 1, &[]);
    assert_eq!(known(), None);
    put(false, here, reading());
    voters.poll_read("one", 1, &[]);
    assert_eq!(known(), Some((false, here)));
    let before = reading();
    voters.poll_read("one", 2, &[]);
    assert_eq!(known(), None);
    // Read before the new votes, stored after them.
    put(false, here, before);
    assert_eq!(known(), None);
    put(true, here, reading());
    voters.poll_read("one", 3, &[]);
    assert_eq!(known(), Some((true, here)));
    // The list does not know whether the number may vote, and its answer may be an older one.
    put(false, None, reading());
    assert_eq!(known(), Some((true, here)));
    let before = reading();
    voters.poll_read("one", 3, &["44".to_owned()]);
    assert_eq!(known(), None);
    put(true, here, before);
    assert_eq!(known(), None);
    put(true, abroad, reading());
    voters.poll_read("one", 3, &["44".to_owned()]);
    assert_eq!(known(), Some((true, abroad)));
}
