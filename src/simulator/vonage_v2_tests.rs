//! Unit tests of `vonage_v2`.

use super::*;
use crate::simulator::protocol::Form;

fn ask(network: &mut Network, endpoint: Endpoint, id: &str, json: Value, now: Seconds) -> Reply {
    let login = Some(("key".to_owned(), "secret".to_owned()));
    let question = ApiRequest {
        endpoint,
        id: id.to_owned(),
        service: String::new(),
        login,
        form: Form::default(),
        json,
    };
    VonageV2.answer(network, &question, now)
}

fn to(number: &str) -> Value {
    json!({"brand": "Pollstr", "workflow": [{"channel": "sms", "to": number}]})
}

#[test]
fn a_start_is_held_to_the_documented_parameters() {
    let with = |name: &str, value: Value| {
        let mut body = to("447700900123");
        body[name] = value;
        body
    };
    let step = |step: Value| with("workflow", json!([step]));
    let cases = [
        (Value::Null, Some("brand")),
        (with("brand", json!("a brand of seventeen")), Some("brand")),
        (with("brand", json!("a/b")), Some("brand")),
        (with("code_length", json!(3)), Some("code_length")),
        (with("code_length", json!("6")), Some("code_length")),
        (with("code_length", json!(10)), None),
        (with("channel_timeout", json!(14)), Some("channel_timeout")),
        (with("channel_timeout", json!(901)), Some("channel_timeout")),
        (with("channel_timeout", json!(900)), None),
        (with("workflow", json!([])), Some("workflow")),
        (
            step(json!({"channel": "pigeon", "to": "447700900123"})),
            Some("workflow[0].channel"),
        ),
        (
            step(json!({"channel": "sms", "to": "+447700900123"})),
            Some("workflow[0].to"),
        ),
        (
            step(json!({"channel": "sms", "to": "447700900123", "from": "TWELVELETTRS"})),
            Some("workflow[0].from"),
        ),
        (
            step(json!({"channel": "voice", "to": "447700900123"})),
            None,
        ),
    ];
    for (body, refused) in cases {
        let reply = ask(
            &mut Network::default(),
            Endpoint::Start,
            "",
            body.clone(),
            0,
        );
        let problem = reply.body.unwrap();
        assert_eq!(
            problem["invalid_parameters"][0]["name"].as_str(),
            refused,
            "{body}"
        );
        assert_eq!(
            reply.status,
            if refused.is_some() { 422 } else { 202 },
            "{body}"
        );
    }
}

#[test]
fn a_workflow_goes_on_when_told_to_and_ends() {
    let mut network = Network::default();
    let mut body = to("447700900123");
    body["workflow"] = json!([{"channel": "sms", "to": "447700900123"}, {"channel": "voice", "to": "447700900123"}]);
    let started = ask(&mut network, Endpoint::Start, "", body, 0)
        .body
        .unwrap();
    let id = started["request_id"].as_str().unwrap();
    assert_eq!(
        ask(&mut network, Endpoint::Next, id, Value::Null, 1).status,
        200
    );
    assert_eq!(network.messages(1)[0].channel, Channel::Voice);
    assert_eq!(
        ask(&mut network, Endpoint::Next, id, Value::Null, 2).status,
        409
    );
    assert_eq!(
        ask(&mut network, Endpoint::Check, id, json!({"code": "12"}), 2).status,
        422
    );
    assert_eq!(
        ask(&mut network, Endpoint::Cancel, id, Value::Null, 3).status,
        204
    );
    assert_eq!(
        ask(&mut network, Endpoint::Cancel, id, Value::Null, 3).status,
        404
    );
    assert_eq!(
        ask(&mut network, Endpoint::Next, id, Value::Null, 3).status,
        404
    );
    let lingering = ask(&mut network, Endpoint::Start, "", to("447700900123"), 14);
    assert_eq!(
        (
            lingering.status,
            lingering.body.unwrap()["request_id"].as_str()
        ),
        (409, Some(id))
    );
    assert_eq!(
        ask(&mut network, Endpoint::Start, "", to("447700900123"), 15).status,
        202
    );
}

#[test]
fn a_request_without_a_login_is_unauthorized() {
    let question = ApiRequest {
        endpoint: Endpoint::Start,
        id: String::new(),
        service: String::new(),
        login: None,
        form: Form::default(),
        json: to("447700900123"),
    };
    assert_eq!(
        VonageV2
            .answer(&mut Network::default(), &question, 0)
            .status,
        401
    );
}
