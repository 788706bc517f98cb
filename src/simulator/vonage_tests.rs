//! Unit tests of `vonage`.

use super::*;

const START: &str = "api_key=k&api_secret=s&number=447700900123&brand=Pollstr";

fn ask(network: &mut Network, endpoint: Endpoint, query: &str, now: Seconds) -> Value {
    ask_as(None, network, endpoint, query, now)
}

fn ask_as(
    login: Option<(String, String)>,
    network: &mut Network,
    endpoint: Endpoint,
    query: &str,
    now: Seconds,
) -> Value {
    let form = Form::read(query.as_bytes());
    let question = ApiRequest {
        endpoint,
        id: String::new(),
        service: String::new(),
        login,
        form,
        json: Value::Null,
    };
    Vonage.answer(network, &question, now).body.unwrap()
}

fn status(network: &mut Network, endpoint: Endpoint, query: &str, now: Seconds) -> String {
    ask(network, endpoint, query, now)["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

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
