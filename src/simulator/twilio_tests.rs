//! Unit tests of `twilio`.

use super::*;
use crate::simulator::protocol::Form;

fn ask(
    network: &mut Network,
    endpoint: Endpoint,
    id: &str,
    form: &str,
    now: Seconds,
) -> (u16, Value) {
    let question = ApiRequest {
        endpoint,
        id: id.to_owned(),
        service: "VA1".to_owned(),
        login: Some(("AC1".to_owned(), "token".to_owned())),
        form: Form::read(form.as_bytes()),
        json: Value::Null,
    };
    let reply = Twilio.answer(network, &question, now);
    (reply.status, reply.body.unwrap())
}

const START: &str = "To=%2B447700900123&Channel=sms";

#[test]
fn a_start_is_held_to_the_documented_parameters() {
    for (form, expected) in [
        ("", "To"),
        ("To=447700900123&Channel=sms", "To"),
        ("To=%2B07700900123&Channel=sms", "To"),
        ("To=%2B447700900123", "Channel"),
        ("To=%2B447700900123&Channel=pigeon", "Channel"),
    ] {
        let (status, problem) = ask(&mut Network::default(), Endpoint::Start, "", form, 0);
        assert_eq!(
            (status, problem["code"].as_u64()),
            (400, Some(60200)),
            "{form}"
        );
        assert!(
            problem["message"].as_str().unwrap().contains(expected),
            "{form}"
        );
    }
}

#[test]
fn the_same_code_goes_out_five_times_under_one_name() {
    let mut network = Network::default();
    let (_, first) = ask(&mut network, Endpoint::Start, "", START, 0);
    assert_eq!(
        (first["status"].as_str(), first["valid"].as_bool()),
        (Some("pending"), Some(false))
    );
    for sent in 2..=5 {
        let (status, again) = ask(&mut network, Endpoint::Start, "", START, 60);
        assert_eq!((status, &again["sid"]), (201, &first["sid"]));
        assert_eq!(
            again["send_code_attempts"].as_array().map(Vec::len),
            Some(sent)
        );
    }
    let (status, problem) = ask(&mut network, Endpoint::Start, "", START, 60);
    assert_eq!((status, problem["code"].as_u64()), (429, Some(60203)));
    let messages = network.messages(60);
    assert!(
        messages.len() == 5
            && messages
                .iter()
                .all(|message| message.code == messages[0].code)
    );
    assert_eq!(
        ask(&mut network, Endpoint::Start, "", START, 600).0,
        201,
        "ten minutes later it is over"
    );
}

#[test]
fn five_wrong_codes_are_wrong_and_the_sixth_is_too_many() {
    let mut network = Network::default();
    let (_, started) = ask(&mut network, Endpoint::Start, "", START, 0);
    let id = started["sid"].as_str().unwrap();
    let wrong = if network.messages(0)[0].code == "000000" {
        "000001"
    } else {
        "000000"
    };
    let form = format!("VerificationSid={id}&Code={wrong}");
    for _ in 0..5 {
        let (status, checked) = ask(&mut network, Endpoint::Check, "", &form, 0);
        assert_eq!(
            (
                status,
                checked["status"].as_str(),
                checked["valid"].as_bool()
            ),
            (200, Some("pending"), Some(false))
        );
    }
    let (status, problem) = ask(&mut network, Endpoint::Check, "", &form, 0);
    assert_eq!((status, problem["code"].as_u64()), (429, Some(60202)));
}

#[test]
fn a_verification_is_gone_once_it_is_approved_or_cancelled() {
    let mut network = Network::default();
    for over in ["approved", "canceled"] {
        let (_, started) = ask(&mut network, Endpoint::Start, "", START, 0);
        let id = started["sid"].as_str().unwrap().to_owned();
        assert_eq!(
            ask(&mut network, Endpoint::Search, &id, "", 0).1["status"],
            "pending"
        );
        let code = network.messages(0)[0].code.clone();
        let (status, ended) = if over == "approved" {
            ask(
                &mut network,
                Endpoint::Check,
                "",
                &format!("VerificationSid={id}&Code={code}"),
                0,
            )
        } else {
            ask(&mut network, Endpoint::Control, &id, "Status=canceled", 0)
        };
        assert_eq!((status, ended["status"].as_str()), (200, Some(over)));
        for (endpoint, form) in [
            (Endpoint::Search, ""),
            (Endpoint::Control, "Status=canceled"),
        ] {
            assert_eq!(ask(&mut network, endpoint, &id, form, 0).1["code"], 20404);
        }
        assert_eq!(
            ask(
                &mut network,
                Endpoint::Check,
                "",
                &format!("VerificationSid={id}&Code={code}"),
                0
            )
            .0,
            404
        );
    }
    assert_eq!(
        ask(&mut network, Endpoint::Control, "VE1", "Status=approved", 0).0,
        400
    );
    assert_eq!(
        ask(&mut network, Endpoint::Service, "", "", 0).1["sid"],
        "VA1"
    );
}
