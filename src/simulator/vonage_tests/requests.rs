//! Unit tests of `vonage`: which parameters and credentials each request needs.

use super::{START, ask_as, status};
use crate::simulator::vonage::*;

#[test]
fn a_start_is_held_to_the_documented_parameters() {
    let cases = [
        ("", "2"),
        ("{\"api_key\":\"k\"}", "2"),
        ("api_key=k&number=447700900123&brand=Pollstr", "2"),
        (
            "api_key=k&api_secret=&number=447700900123&brand=Pollstr",
            "4",
        ),
        (
            "api_key=&api_secret=s&number=447700900123&brand=Pollstr",
            "4",
        ),
        ("api_key=k&api_secret=s&brand=Pollstr", "2"),
        ("api_key=k&api_secret=s&number=447700900123", "2"),
        ("api_key=k&api_secret=s&number=447700900123&brand=", "2"),
        (
            "api_key=k&api_secret=s&number=%2B447700900123&brand=Pollstr",
            "3",
        ),
        (
            "api_key=k&api_secret=s&number=07700900123&brand=Pollstr",
            "3",
        ),
        ("api_key=k&api_secret=s&number=447700&brand=Pollstr", "3"),
        (
            "api_key=k&api_secret=s&number=4477009001234567&brand=Pollstr",
            "3",
        ),
        (
            "api_key=k&api_secret=s&number=447700900123&brand=1234567890123456789",
            "3",
        ),
        (
            "api_key=k&api_secret=s&number=447700900123&brand=123456789012345678",
            "0",
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(
            status(&mut Network::default(), Endpoint::Start, query, 0),
            expected,
            "{query}"
        );
    }
    let more = [
        ("code_length=4", "0"),
        ("code_length=6", "0"),
        ("code_length=5", "3"),
        ("code_length=", "3"),
        ("pin_expiry=60", "0"),
        ("pin_expiry=59", "3"),
        ("pin_expiry=3600", "0"),
        ("pin_expiry=3601", "3"),
        ("pin_expiry=+300", "3"),
        ("next_event_wait=60", "0"),
        ("next_event_wait=901", "3"),
        ("workflow_id=0", "3"),
        ("workflow_id=8", "3"),
        ("workflow_id=7", "0"),
        ("workflow_id=99999999999999999999", "3"),
        ("sender_id=Club+7", "0"),
        ("sender_id=123456789012", "3"),
        ("pin_code=1234", "20"),
    ];
    for (parameter, expected) in more {
        let query = format!("{START}&{parameter}");
        assert_eq!(
            status(&mut Network::default(), Endpoint::Start, &query, 0),
            expected,
            "{parameter}"
        );
    }
}

#[test]
fn a_login_serves_in_place_of_the_credentials_in_the_form() {
    let login = Some(("key".to_owned(), "secret".to_owned()));
    let started = ask_as(
        login,
        &mut Network::default(),
        Endpoint::Start,
        "number=447700900123&brand=Pollstr",
        0,
    );
    assert_eq!(started["status"], "0");
}

#[test]
fn a_check_and_a_command_need_their_parameters() {
    let mut network = Network::default();
    for (endpoint, query, expected) in [
        (Endpoint::Check, "request_id=1", "2"),
        (Endpoint::Check, "code=1", "2"),
        (Endpoint::Check, "request_id=1&code=1", "6"),
        (Endpoint::Control, "request_id=1", "2"),
        (Endpoint::Control, "cmd=cancel", "2"),
        (Endpoint::Control, "request_id=1&cmd=explode", "3"),
        (Endpoint::Control, "request_id=1&cmd=cancel", "6"),
        (
            Endpoint::Control,
            "request_id=1&cmd=trigger_next_event",
            "6",
        ),
    ] {
        let query = format!("api_key=k&api_secret=s&{query}");
        assert_eq!(
            status(&mut network, endpoint, &query, 0),
            expected,
            "{query}"
        );
    }
}
