//! Unit tests of `vonage`.

mod requests;
mod responses;
mod workflows;

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
