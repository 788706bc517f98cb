//! The wire of the pretended network: a form in, a JSON object out, as Vonage Verify v1 has it.
//!
//! Promises the documented statuses for the documented mistakes, always as strings; and, when told to, answers that are wrong in
//! ways a client must notice. Must not know HTTP, the time's source, or who is asking: any credentials will do.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::network::{Checked, Controlled, MOST_WORKFLOW, Network, Order, Started, State, random_id};
use crate::clock::Seconds;

/// Ids that one search may ask for.
const MOST_SEARCHED: usize = 10;

/// Characters a brand and a sender may have.
const MOST_BRAND: usize = 18;
const MOST_SENDER: usize = 11;

/// Which question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Start,
    Check,
    Control,
    Search,
}

/// The fields of a question, in order; a name may come more than once.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form-encoded body or query. Whatever is not one has no fields.
    pub(super) fn read(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn needed(&self, name: &str) -> Result<&str, Value> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| error("2", &format!("Parameter missing: {name}")))
    }

    /// A whole number between `least` and `most`, if there is one.
    fn number(&self, name: &str, least: Seconds, most: Seconds) -> Result<Option<Seconds>, Value> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let number = if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None };
        number.filter(|number| (least..=most).contains(number)).map(Some).ok_or_else(|| invalid(name))
    }
}

/// Answers a question as the provider would.
pub(super) fn answer(network: &mut Network, endpoint: Endpoint, form: &Form, now: Seconds) -> Value {
    let answered = credentials(form).and_then(|()| match endpoint {
        Endpoint::Start => start(network, form, now),
        Endpoint::Check => check(network, form, now),
        Endpoint::Control => control(network, form, now),
        Endpoint::Search => search(network, form, now),
    });
    answered.unwrap_or_else(|refusal| refusal)
}

/// Looks like success, whatever was asked and whether or not it is true: for clients that believe too easily.
pub(super) fn pretence(endpoint: Endpoint, form: &Form, id: &str) -> Value {
    match endpoint {
        Endpoint::Start => json!({"request_id": id, "status": "0"}),
        Endpoint::Check => approval(id, "0"),
        Endpoint::Control => json!({"request_id": id, "status": "0", "command": form.get("cmd")}),
        Endpoint::Search => json!({"request_id": id, "status": "SUCCESS"}),
    }
}

/// The id that a question names, or a new one.
pub(super) fn asked_id(form: &Form) -> String {
    form.get("request_id").map_or_else(any_id, str::to_owned)
}

/// An id that nobody has.
pub(super) fn any_id() -> String {
    random_id().unwrap_or_else(|_| "f".repeat(32))
}

/// The documented form of every refusal.
pub(super) fn error(status: &str, text: &str) -> Value {
    json!({"status": status, "error_text": text})
}

fn invalid(parameter: &str) -> Value {
    error("3", &format!("Invalid value for parameter: {parameter}"))
}

fn internal(_: getrandom::Error) -> Value {
    error("5", "Internal error")
}

fn unknown() -> Value {
    error("6", "No such request is running: it was not found, has ended, or has been verified already")
}

/// Anybody's key and secret will do, as long as there are some.
fn credentials(form: &Form) -> Result<(), Value> {
    for name in ["api_key", "api_secret"] {
        match form.get(name) {
            None => return Err(error("2", &format!("Parameter missing: {name}"))),
            Some("") => return Err(error("4", "Bad credentials")),
            Some(_) => {}
        }
    }
    Ok(())
}

fn start(network: &mut Network, form: &Form, now: Seconds) -> Result<Value, Value> {
    match network.start(order(form)?, now).map_err(internal)? {
        Started::New(id) => Ok(json!({"request_id": id, "status": "0"})),
        Started::Running(id) => Ok(json!({"request_id": id, "status": "10", "error_text": "A verification to this number is running"})),
    }
}

fn order(form: &Form) -> Result<Order, Value> {
    let number = form.needed("number")?;
    if !(7..=15).contains(&number.len()) || number.starts_with('0') || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid("number"));
    }
    let brand = form.needed("brand")?;
    if brand.chars().count() > MOST_BRAND {
        return Err(invalid("brand"));
    }
    if form.get("sender_id").is_some_and(|sender| !(1..=MOST_SENDER).contains(&sender.chars().count())) {
        return Err(invalid("sender_id"));
    }
    if form.get("pin_code").is_some() {
        return Err(error("20", "Codes of your own are not enabled"));
    }
    let code_length = match form.get("code_length") {
        None | Some("4") => 4,
        Some("6") => 6,
        Some(_) => return Err(invalid("code_length")),
    };
    let workflow = form.number("workflow_id", 1, MOST_WORKFLOW)?.unwrap_or(1);
    Ok(Order {
        number: number.to_owned(),
        brand: brand.to_owned(),
        code_length,
        workflow: usize::try_from(workflow).map_err(|_| invalid("workflow_id"))?,
        pin_expiry: form.number("pin_expiry", 60, 3_600)?,
        next_event_wait: form.number("next_event_wait", 60, 900)?,
    })
}

fn check(network: &mut Network, form: &Form, now: Seconds) -> Result<Value, Value> {
    let (id, code) = (form.needed("request_id")?, form.needed("code")?);
    let event = random_id().map_err(internal)?;
    Ok(match network.check(id, code, now) {
        Checked::Right => approval(id, &event),
        Checked::Wrong => error("16", "The code is not the one that was sent"),
        Checked::TooOften => error("17", "A wrong code was given too often"),
        Checked::Unknown => unknown(),
    })
}

fn approval(id: &str, event: &str) -> Value {
    json!({"request_id": id, "event_id": event, "status": "0", "price": "0.10000000", "currency": "EUR"})
}

fn control(network: &mut Network, form: &Form, now: Seconds) -> Result<Value, Value> {
    let (id, command) = (form.needed("request_id")?, form.needed("cmd")?);
    let controlled = match command {
        "cancel" => network.cancel(id, now),
        "trigger_next_event" => network.next(id, now),
        _ => return Err(invalid("cmd")),
    };
    Ok(match controlled {
        Controlled::Done => json!({"status": "0", "command": command}),
        Controlled::NotNow => error("19", "This cannot be done now"),
        Controlled::Unknown => unknown(),
    })
}

fn search(network: &mut Network, form: &Form, now: Seconds) -> Result<Value, Value> {
    let ids: Vec<_> = form.0.iter().filter(|(name, _)| name == "request_id" || name == "request_ids").map(|(_, id)| id).collect();
    if ids.is_empty() {
        form.needed("request_id")?;
    }
    if ids.len() > MOST_SEARCHED {
        return Err(error("18", "Too many request ids"));
    }
    let mut found: Vec<_> =
        ids.into_iter().filter_map(|id| network.search(id, now).map(|(state, number)| entry(id, state, number))).collect();
    match found.len() {
        0 => Err(error("101", "Nothing found")),
        1 => Ok(found.remove(0)),
        _ => Ok(json!({"verification_requests": found})),
    }
}

fn entry(id: &str, state: State, number: &str) -> Value {
    let status = match state {
        State::Running => "IN PROGRESS",
        State::Verified => "SUCCESS",
        State::Failed => "FAILED",
        State::Cancelled => "CANCELLED",
        State::Expired => "EXPIRED",
    };
    json!({"request_id": id, "status": status, "number": number})
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "api_key=k&api_secret=s&number=447700900123&brand=Pollstr";

    fn ask(network: &mut Network, endpoint: Endpoint, query: &str, now: Seconds) -> Value {
        answer(network, endpoint, &Form::read(query.as_bytes()), now)
    }

    fn status(network: &mut Network, endpoint: Endpoint, query: &str, now: Seconds) -> String {
        ask(network, endpoint, query, now)["status"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_start_is_held_to_the_documented_parameters() {
        let cases = [
            ("", "2"),
            ("{\"api_key\":\"k\"}", "2"),
            ("api_key=k&number=447700900123&brand=Pollstr", "2"),
            ("api_key=k&api_secret=&number=447700900123&brand=Pollstr", "4"),
            ("api_key=&api_secret=s&number=447700900123&brand=Pollstr", "4"),
            ("api_key=k&api_secret=s&brand=Pollstr", "2"),
            ("api_key=k&api_secret=s&number=447700900123", "2"),
            ("api_key=k&api_secret=s&number=447700900123&brand=", "2"),
            ("api_key=k&api_secret=s&number=%2B447700900123&brand=Pollstr", "3"),
            ("api_key=k&api_secret=s&number=07700900123&brand=Pollstr", "3"),
            ("api_key=k&api_secret=s&number=447700&brand=Pollstr", "3"),
            ("api_key=k&api_secret=s&number=4477009001234567&brand=Pollstr", "3"),
            ("api_key=k&api_secret=s&number=447700900123&brand=1234567890123456789", "3"),
            ("api_key=k&api_secret=s&number=447700900123&brand=123456789012345678", "0"),
        ];
        for (query, expected) in cases {
            assert_eq!(status(&mut Network::default(), Endpoint::Start, query, 0), expected, "{query}");
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
            assert_eq!(status(&mut Network::default(), Endpoint::Start, &query, 0), expected, "{parameter}");
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
        assert_eq!((again["status"].as_str(), again["request_id"].as_str()), (Some("10"), Some(id.as_str())));
        let code = network.messages(1)[0].code.clone();
        assert_eq!(code.len(), 4, "the default length");
        let right = format!("api_key=k&api_secret=s&request_id={id}&code={code}");
        let checked = ask(&mut network, Endpoint::Check, &right, 1);
        for field in ["request_id", "event_id", "status", "price", "currency"] {
            assert!(checked[field].is_string(), "{field}");
        }
        assert_eq!((checked.as_object().map(serde_json::Map::len), checked["status"].as_str()), (Some(5), Some("0")));
        assert_eq!(status(&mut network, Endpoint::Check, &right, 1), "6");
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
            (Endpoint::Control, "request_id=1&cmd=trigger_next_event", "6"),
        ] {
            let query = format!("api_key=k&api_secret=s&{query}");
            assert_eq!(status(&mut network, endpoint, &query, 0), expected, "{query}");
        }
    }

    #[test]
    fn a_command_is_confirmed_by_its_name_or_put_off() {
        let mut network = Network::default();
        let id = ask(&mut network, Endpoint::Start, START, 0)["request_id"].as_str().unwrap().to_owned();
        let command = |name: &str| format!("api_key=k&api_secret=s&request_id={id}&cmd={name}");
        assert_eq!(status(&mut network, Endpoint::Control, &command("cancel"), 29), "19");
        let next = ask(&mut network, Endpoint::Control, &command("trigger_next_event"), 29);
        assert_eq!(next, json!({"status": "0", "command": "trigger_next_event"}));
        assert_eq!(status(&mut network, Endpoint::Control, &command("cancel"), 30), "19");
    }

    #[test]
    fn a_search_tells_how_things_stand() {
        let mut network = Network::default();
        let id = ask(&mut network, Endpoint::Start, START, 0)["request_id"].as_str().unwrap().to_owned();
        let search = |ids: &str| format!("api_key=k&api_secret=s{ids}");
        let one = search(&format!("&request_id={id}"));
        assert_eq!(ask(&mut network, Endpoint::Search, &one, 0)["status"], "IN PROGRESS");
        assert_eq!(ask(&mut network, Endpoint::Search, &one, 9_999)["status"], "EXPIRED");
        let two = search(&format!("&request_ids={id}&request_ids={id}"));
        assert_eq!(ask(&mut network, Endpoint::Search, &two, 0)["verification_requests"].as_array().map(Vec::len), Some(2));
        assert_eq!(status(&mut network, Endpoint::Search, &search(""), 0), "2");
        assert_eq!(status(&mut network, Endpoint::Search, &search("&request_id=0"), 0), "101");
        assert_eq!(status(&mut network, Endpoint::Search, &search(&"&request_ids=0".repeat(11)), 0), "18");
    }
}
