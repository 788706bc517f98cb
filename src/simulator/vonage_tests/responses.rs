//! Unit tests of `vonage`: the responses to starts, checks, commands and searches.

use super::{START, ask, status};
use crate::simulator::vonage::*;

#[test]
fn answers_have_the_documented_fields_and_nothing_but_strings() {
    let mut network = Network::default();
    let started = ask(&mut network, Endpoint::Start, START, 0);
    let id = started["request_id"].as_str().unwrap().to_owned();
    assert_eq!(started, json!({"request_id": id, "status": "0"}));
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let again = ask(&mut network, Endpoint::Start, START, 1);
    assert_eq!(
        (again["status"].as_str(), again["request_id"].as_str()),
        (Some("10"), Some(id.as_str()))
    );
    let code = network.messages(1)[0].code.clone();
    assert_eq!(code.len(), 4, "the default length");
    let right = format!("api_key=k&api_secret=s&request_id={id}&code={code}");
    let checked = ask(&mut network, Endpoint::Check, &right, 1);
    for field in ["request_id", "event_id", "status", "price", "currency"] {
        assert!(checked[field].is_string(), "{field}");
    }
    assert_eq!(
        (
            checked.as_object().map(serde_json::Map::len),
            checked["status"].as_str()
        ),
        (Some(5), Some("0"))
    );
    assert_eq!(status(&mut network, Endpoint::Check, &right, 1), "6");
}

#[test]
fn a_command_is_confirmed_by_its_name_or_put_off() {
    let mut network = Network::default();
    let id = ask(&mut network, Endpoint::Start, START, 0)["request_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let command = |name: &str| format!("api_key=k&api_secret=s&request_id={id}&cmd={name}");
    assert_eq!(
        status(&mut network, Endpoint::Control, &command("cancel"), 29),
        "19"
    );
    let next = ask(
        &mut network,
        Endpoint::Control,
        &command("trigger_next_event"),
        29,
    );
    assert_eq!(
        next,
        json!({"status": "0", "command": "trigger_next_event"})
    );
    assert_eq!(
        status(&mut network, Endpoint::Control, &command("cancel"), 30),
        "19"
    );
}

#[test]
fn a_search_tells_how_things_stand() {
    let mut network = Network::default();
    let id = ask(&mut network, Endpoint::Start, START, 0)["request_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let search = |ids: &str| format!("api_key=k&api_secret=s{ids}");
    let one = search(&format!("&request_id={id}"));
    assert_eq!(
        ask(&mut network, Endpoint::Search, &one, 0)["status"],
        "IN PROGRESS"
    );
    assert_eq!(
        ask(&mut network, Endpoint::Search, &one, 9_999)["status"],
        "EXPIRED"
    );
    let two = search(&format!("&request_ids={id}&request_ids={id}"));
    assert_eq!(
        ask(&mut network, Endpoint::Search, &two, 0)["verification_requests"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(status(&mut network, Endpoint::Search, &search(""), 0), "2");
    assert_eq!(
        status(&mut network, Endpoint::Search, &search("&request_id=0"), 0),
        "101"
    );
    assert_eq!(
        status(
            &mut network,
            Endpoint::Search,
            &search(&"&request_ids=0".repeat(11)),
            0
        ),
        "18"
    );
}
