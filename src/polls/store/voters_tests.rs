//! Tests of the cache of voters.

use super::*;

const HAS_VOTED: Participation = Participation {
    voted: true,
    foreign: false,
    landline: false,
};
const MAY_VOTE: Participation = Participation {
    voted: false,
    ..HAS_VOTED
};

fn voters() -> Voters {
    Voters {
        ttl: ALONE,
        known: Mutex::default(),
    }
}

fn key(account: i64) -> VoterKey {
    (account, Some(vec![1; 32]))
}

#[test]
fn a_vote_drops_who_had_not_voted_and_a_change_drops_all() {
    let voters = voters();
    voters.put("one", key(1), HAS_VOTED, 0);
    voters.put("one", key(2), MAY_VOTE, 0);
    voters.put("two", key(2), MAY_VOTE, 0);
    assert_eq!(voters.get("one", &key(2)), Some(MAY_VOTE));
    voters.voted("one");
    assert_eq!(voters.get("one", &key(1)), Some(HAS_VOTED));
    assert_eq!(voters.get("one", &key(2)), None);
    assert_eq!(voters.get("two", &key(2)), Some(MAY_VOTE));
    voters.forget("one");
    assert_eq!(voters.get("one", &key(1)), None);
}

#[test]
fn another_number_is_another_voter() {
    let voters = voters();
    voters.put("one", key(1), HAS_VOTED, 0);
    assert_eq!(voters.get("one", &(1, Some(vec![2; 32]))), None);
    assert_eq!(voters.get("one", &(1, None)), None);
}

#[test]
fn an_answer_that_was_read_before_a_vote_is_not_stored_after_it() {
    let voters = voters();
    let reading = voters.known().forgotten;
    voters.voted("one");
    voters.put("one", key(1), MAY_VOTE, reading);
    assert_eq!(voters.get("one", &key(1)), None);
    voters.put("two", key(1), MAY_VOTE, reading);
    assert_eq!(voters.get("two", &key(1)), Some(MAY_VOTE));

    // The same when the poll's own count is lost, because the cache was full.
    let reading = voters.known().forgotten;
    voters.voted("one");
    for poll in 0..=MAX_ENTRIES {
        voters.forget(&format!("poll {poll}"));
    }
    voters.put("one", key(1), MAY_VOTE, reading);
    assert_eq!(voters.get("one", &key(1)), None);
}
