//! Unit tests of `network`.

use super::*;
use crate::simulator::verification::Channel::{Sms, Voice};
use crate::simulator::verification::{Channel, MOST_MESSAGES, Rules};

const T: Seconds = 1_000_000;
const TEXT: [(Channel, Seconds); 1] = [(Sms, 300)];
const STRICT: Rules = Rules {
    cancel_from: 30,
    cancel_late: false,
    lingers: 0,
    most_wrong: 3,
    most_starts: 1,
};
const LENIENT: Rules = Rules {
    cancel_from: 0,
    cancel_late: true,
    lingers: 12,
    most_wrong: 5,
    most_starts: 5,
};

/// An order named after its number.
fn order(number: &str, events: &[(Channel, Seconds)]) -> Order {
    let (number, brand) = (number.to_owned(), "Pollstr".to_owned());
    Order {
        id: format!("of {number}"),
        rules: STRICT,
        number,
        brand,
        code_length: 6,
        events: events.to_vec(),
        code_lifetime: 300,
    }
}

fn begin(network: &mut Network, order: Order) -> String {
    let id = order.id.clone();
    assert_eq!(network.start(order, T), Ok(Started::New));
    id
}

fn wrong_code(network: &mut Network, now: Seconds) -> String {
    if network.messages(now)[0].code == "000000" {
        "000001".to_owned()
    } else {
        "000000".to_owned()
    }
}

#[test]
fn a_code_is_good_to_the_last_second_and_once() {
    for (after, expected) in [
        (0, Checked::Right),
        (299, Checked::Right),
        (300, Checked::Unknown),
    ] {
        let mut network = Network::default();
        let id = begin(&mut network, order("1", &TEXT));
        let code = network.messages(T)[0].code.clone();
        assert_eq!(
            network.check(&id, &code, T + after),
            expected,
            "after {after} s"
        );
        assert_eq!(network.check(&id, &code, T + after), Checked::Unknown);
    }
    assert_eq!(Network::default().check("", "123456", T), Checked::Unknown);
}

#[test]
fn after_three_wrong_codes_even_the_right_one_is_too_late() {
    let mut network = Network::default();
    let id = begin(&mut network, order("1", &TEXT));
    let (right, wrong) = (
        network.messages(T)[0].code.clone(),
        wrong_code(&mut network, T),
    );
    let mut tries = [&wrong, &wrong, &wrong, &right, &right]
        .map(|code| network.check(&id, code, T))
        .into_iter();
    for expected in [
        Checked::Wrong,
        Checked::Wrong,
        Checked::Wrong,
        Checked::TooOften,
        Checked::TooOften,
    ] {
        assert_eq!(tries.next(), Some(expected));
    }
    assert!(
        matches!(network.start(order("1", &TEXT), T), Ok(Started::New)),
        "an expired code blocks no one"
    );
}

#[test]
fn a_new_code_brings_new_tries_and_ends_the_old_one() {
    let mut network = Network::default();
    let id = begin(
        &mut network,
        order("1", &[(Sms, 125), (Voice, 180), (Voice, 300)]),
    );
    let (old, wrong) = (
        network.messages(T)[0].code.clone(),
        wrong_code(&mut network, T),
    );
    for _ in 0..3 {
        assert_eq!(network.check(&id, &wrong, T + 304), Checked::Wrong);
    }
    let new = network.messages(T + 305)[0].code.clone();
    assert_eq!(network.check(&id, &old, T + 305), Checked::Wrong);
    assert_eq!(network.check(&id, &new, T + 604), Checked::Right);
}

#[test]
fn one_number_has_one_running_verification() {
    let mut network = Network::default();
    let first = begin(&mut network, order("1", &TEXT));
    begin(&mut network, order("2", &TEXT));
    assert_eq!(
        network.start(order("1", &[(Voice, 300)]), T + 299),
        Ok(Started::Running(first))
    );
    assert_eq!(network.messages(T + 299).len(), 2);
    assert!(matches!(
        network.start(order("1", &[(Voice, 300)]), T + 300),
        Ok(Started::New)
    ));
    assert_eq!(network.messages(T + 300).len(), 3);
}

#[test]
fn a_lenient_vendor_sends_the_running_code_again_and_forgets_a_called_off_one_late() {
    let mut network = Network::default();
    let lenient = |number: &str, id: &str| Order {
        rules: LENIENT,
        id: id.to_owned(),
        ..order(number, &TEXT)
    };
    let id = begin(&mut network, lenient("1", "first"));
    for starts in 2..=5 {
        assert_eq!(
            network.start(lenient("1", "other"), T + 60),
            Ok(Started::Again(id.clone(), starts))
        );
    }
    assert_eq!(
        network.start(lenient("1", "other"), T + 60),
        Ok(Started::TooOften)
    );
    let messages = network.messages(T + 60);
    assert!(
        messages.len() == 5
            && messages
                .iter()
                .all(|message| message.code == messages[0].code)
    );
    assert_eq!(
        network.start(order("1", &TEXT), T + 60),
        Ok(Started::New),
        "another vendor knows nothing of it"
    );
    assert_eq!(network.cancel(&id, T + 60), Controlled::Done);
    assert_eq!(
        network.start(lenient("1", "other"), T + 71),
        Ok(Started::TooOften)
    );
    assert_eq!(
        network.start(lenient("1", "other"), T + 72),
        Ok(Started::New)
    );
    assert_eq!(
        network.check(&id, &messages[0].code, T + 72),
        Checked::Unknown
    );
}

#[test]
fn calling_off_has_its_time() {
    let mut network = Network::default();
    let id = begin(&mut network, order("1", &[(Sms, 120), (Sms, 180)]));
    assert_eq!(network.cancel(&id, T + 29), Controlled::NotNow);
    assert_eq!(
        network.cancel(&id, T + 120),
        Controlled::NotNow,
        "the second message went out"
    );
    let id = begin(&mut network, order("2", &[(Sms, 120), (Sms, 180)]));
    assert_eq!(network.cancel(&id, T + 30), Controlled::Done);
    assert_eq!(network.cancel(&id, T + 30), Controlled::Unknown);
    let code = network.messages(T + 30)[0].code.clone();
    assert_eq!(network.check(&id, &code, T + 30), Checked::Unknown);
    let again = Order {
        id: "another".to_owned(),
        ..order("2", &TEXT)
    };
    assert_eq!(network.start(again, T + 30), Ok(Started::New));
    assert_eq!(network.cancel("unknown", T), Controlled::Unknown);
}

#[test]
fn the_next_message_comes_when_asked_for_and_shifts_the_rest() {
    let mut network = Network::default();
    let id = begin(
        &mut network,
        order("1", &[(Sms, 125), (Voice, 180), (Voice, 300)]),
    );
    assert_eq!(network.next(&id, T + 10), Controlled::Done);
    assert_eq!(network.cancel(&id, T + 40), Controlled::NotNow);
    let times = |network: &mut Network, now| {
        network
            .messages(now)
            .iter()
            .map(|message| message.at - T)
            .collect::<Vec<_>>()
    };
    assert_eq!(times(&mut network, T + 189), [10, 0]);
    assert_eq!(times(&mut network, T + 190), [190, 10, 0]);
    assert_eq!(network.next(&id, T + 191), Controlled::NotNow);
    assert_eq!(network.next("unknown", T), Controlled::Unknown);
}

#[test]
fn messages_read_as_they_do_on_a_phone() {
    let mut network = Network::default();
    begin(
        &mut network,
        order("447700900123", &[(Sms, 120), (Voice, 180)]),
    );
    let (call, text) = (
        network.messages(T + 120)[0].clone(),
        network.messages(T + 120)[1].clone(),
    );
    assert_eq!(
        text.text,
        format!("Pollstr code: {}. Valid for 5 minutes.", text.code)
    );
    assert_eq!(
        (text.to.as_str(), text.channel, text.at),
        ("+447700900123", Sms, T)
    );
    let spoken: Vec<_> = call.code.chars().map(String::from).collect();
    assert_eq!(call.text, format!("Pollstr code: {}.", spoken.join(", ")));
    begin(
        &mut network,
        Order {
            code_length: 4,
            code_lifetime: 60,
            ..order("2", &TEXT)
        },
    );
    let short = network
        .messages(T + 120)
        .into_iter()
        .find(|message| message.to == "+2")
        .unwrap();
    assert_eq!(
        (short.code.len(), short.text),
        (
            4,
            format!("Pollstr code: {}. Valid for 1 minute.", short.code)
        )
    );
}

#[test]
fn memory_is_bounded_and_the_newest_are_kept() {
    let mut network = Network::default();
    let ids: Vec<_> = (0..1_001)
        .map(|number| begin(&mut network, order(&number.to_string(), &TEXT)))
        .collect();
    assert_eq!(
        (network.requests.len(), network.messages.len()),
        (MAX_VERIFICATIONS, MOST_MESSAGES)
    );
    assert_eq!(network.messages(T)[0].to, "+1000");
    assert_eq!(network.search(&ids[0], T), None);
    assert_eq!(network.cancel(&ids[7], T + 30), Controlled::Done);
    begin(&mut network, order("1001", &TEXT));
    assert_eq!(
        network.search(&ids[7], T),
        None,
        "one that is over goes before one that runs"
    );
    assert_eq!(network.search(&ids[1], T), Some((State::Running, "1")));
}
