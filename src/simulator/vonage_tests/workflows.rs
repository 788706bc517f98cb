//! Unit tests of `vonage`: when each workflow sends which code, and when it expires.

use super::{START, ask};
use crate::simulator::vonage::*;

/// Returns the messages of the next 5,000 seconds, each with its time, its channel and whether its
/// code is new; and the time of expiry.
fn course(more: &str) -> (Vec<(Seconds, Channel, bool)>, Seconds) {
    let mut network = Network::default();
    let started = ask(
        &mut network,
        Endpoint::Start,
        &format!("{START}&code_length=6{more}"),
        0,
    );
    let id = started["request_id"].as_str().unwrap();
    let end = (0..5_000)
        .find(|after| network.search(id, *after).unwrap().0 == State::Expired)
        .unwrap();
    let mut sent = network.messages(5_000);
    sent.reverse();
    let new = |index: usize| index == 0 || sent[index].code != sent[index - 1].code;
    (
        sent.iter()
            .enumerate()
            .map(|(index, message)| (message.at, message.channel, new(index)))
            .collect(),
        end,
    )
}

#[test]
fn each_workflow_runs_its_course() {
    let workflow = |number: u8| course(&format!("&workflow_id={number}"));
    assert_eq!(
        workflow(1),
        (
            vec![(0, Sms, true), (125, Voice, false), (305, Voice, true)],
            605
        )
    );
    assert_eq!(
        workflow(2),
        (
            vec![(0, Sms, true), (125, Sms, false), (305, Voice, true)],
            605
        )
    );
    assert_eq!(
        workflow(3),
        (vec![(0, Voice, true), (150, Voice, false)], 300)
    );
    assert_eq!(workflow(4), (vec![(0, Sms, true), (120, Sms, false)], 300));
    assert_eq!(
        workflow(5),
        (vec![(0, Sms, true), (120, Voice, false)], 300)
    );
    assert_eq!(workflow(6), (vec![(0, Sms, true)], 300));
    assert_eq!(workflow(7), (vec![(0, Voice, true)], 300));
}

#[test]
fn ordered_times_decide_when_and_with_which_code() {
    let timed = |expiry: u32| course(&format!("&pin_expiry={expiry}&next_event_wait=120"));
    assert_eq!(
        timed(360),
        (
            vec![(0, Sms, true), (120, Voice, false), (240, Voice, false)],
            360
        )
    );
    assert_eq!(
        timed(240),
        (
            vec![(0, Sms, true), (120, Voice, false), (240, Voice, true)],
            480
        )
    );
    for odd in [90, 120, 200] {
        assert_eq!(
            timed(odd),
            (
                vec![(0, Sms, true), (120, Voice, true), (240, Voice, true)],
                360
            )
        );
    }
    assert_eq!(
        course("&next_event_wait=60"),
        (
            vec![(0, Sms, true), (60, Voice, false), (120, Voice, false)],
            300
        )
    );
    assert_eq!(
        course("&workflow_id=6&pin_expiry=60"),
        (vec![(0, Sms, true)], 60)
    );
}
