//! The wire of Vonage Verify v1: a form in, a JSON object out, HTTP 200 whatever happens.
//!
//! Promises the documented statuses for the documented mistakes, always as strings. Must not know HTTP, the time's source, or who is
//! asking: any credentials will do. Workflows, waits and rules are those the vendor publishes.

use serde_json::{Value, json};

use crate::platform::clock::Seconds;
use crate::simulator::network::{Controlled, Network, Started};
use crate::simulator::protocol::{Endpoint, Form, Question, Reply, Wire, is_number, random_hex};
use crate::simulator::verification::Channel::{Sms, Voice};
use crate::simulator::verification::{Channel, Checked, Order, Rules, State};

const RULES: Rules = Rules {
    cancel_from: 30,
    cancel_late: false,
    lingers: 0,
    most_wrong: 3,
    most_starts: 1,
};

/// The messages of each workflow, from 1 on, and how many seconds each is given before the next.
const WORKFLOWS: [&[(Channel, Seconds)]; 7] = [
    &[(Sms, 125), (Voice, 180), (Voice, 300)],
    &[(Sms, 125), (Sms, 180), (Voice, 300)],
    &[(Voice, 150), (Voice, 150)],
    &[(Sms, 120), (Sms, 180)],
    &[(Sms, 120), (Voice, 180)],
    &[(Sms, 300)],
    &[(Voice, 300)],
];

/// How long a code lives unless the start says otherwise, in seconds.
const DEFAULT_EXPIRY: Seconds = 300;

/// Ids that one search may ask for.
const MOST_SEARCHED: usize = 10;

/// Characters a brand and a sender may have.
const MOST_BRAND: usize = 18;
const MOST_SENDER: usize = 11;

/// Verify v1.
pub(super) struct Vonage;

impl Wire for Vonage {
    fn answer(&self, network: &mut Network, question: &Question, now: Seconds) -> Reply {
        // Basic authentication will do in place of the two fields.
        let known = if question.login.is_some() {
            Ok(())
        } else {
            credentials(&question.form)
        };
        let answered = known.and_then(|()| answer(network, question.endpoint, &question.form, now));
        Reply::new(200, answered.unwrap_or_else(|refusal| refusal))
    }

    fn pretence(&self, question: &Question, id: &str) -> Reply {
        let id = if id.is_empty() {
            question
                .form
                .get("request_id")
                .map_or_else(|| self.any_id(), str::to_owned)
        } else {
            id.to_owned()
        };
        Reply::new(
            200,
            match question.endpoint {
                Endpoint::Start => json!({"request_id": id, "status": "0"}),
                Endpoint::Check => approval(&id, "0"),
                Endpoint::Search => json!({"request_id": id, "status": "SUCCESS"}),
                _ => json!({"request_id": id, "status": "0", "command": question.form.get("cmd")}),
            },
        )
    }

    fn any_id(&self) -> String {
        random_hex().unwrap_or_else(|_| "f".repeat(32))
    }

    fn throttled(&self) -> Reply {
        Reply::new(200, error("1", "Throttled"))
    }

    fn stranger(&self) -> Reply {
        Reply::new(200, error("4", "Bad credentials"))
    }
}

fn answer(
    network: &mut Network,
    endpoint: Endpoint,
    form: &Form,
    now: Seconds,
) -> Result<Value, Value> {
    match endpoint {
        Endpoint::Start => start(network, form, now),
        Endpoint::Check => check(network, form, now),
        Endpoint::Search => search(network, form, now),
        _ => control(network, form, now),
    }
}

fn needed<'a>(form: &'a Form, name: &str) -> Result<&'a str, Value> {
    form.get(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| error("2", &format!("Parameter missing: {name}")))
}

/// A whole number between `least` and `most`, if there is one.
fn number(
    form: &Form,
    name: &str,
    least: Seconds,
    most: Seconds,
) -> Result<Option<Seconds>, Value> {
    let Some(text) = form.get(name) else {
        return Ok(None);
    };
    let number = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    };
    number
        .filter(|number| (least..=most).contains(number))
        .map(Some)
        .ok_or_else(|| invalid(name))
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
    error(
        "6",
        "No such request is running: it was not found, has ended, or has been verified already",
    )
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
    let order = order(form)?;
    let new = json!({"request_id": order.id, "status": "0"});
    match network.start(order, now).map_err(internal)? {
        Started::New => Ok(new),
        Started::Running(id) | Started::Again(id, _) => Ok(
            json!({"request_id": id, "status": "10", "error_text": "A verification to this number is running"}),
        ),
        Started::TooOften => Err(error("1", "Throttled")),
    }
}

fn order(form: &Form) -> Result<Order, Value> {
    let called = needed(form, "number")?;
    if !is_number(called) {
        return Err(invalid("number"));
    }
    let brand = needed(form, "brand")?;
    if brand.chars().count() > MOST_BRAND {
        return Err(invalid("brand"));
    }
    if form
        .get("sender_id")
        .is_some_and(|sender| !(1..=MOST_SENDER).contains(&sender.chars().count()))
    {
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
    let workflow = number(form, "workflow_id", 1, 7)?.unwrap_or(1);
    let events = usize::try_from(workflow - 1)
        .ok()
        .and_then(|index| WORKFLOWS.get(index))
        .ok_or_else(|| invalid("workflow_id"))?;
    let expiry = number(form, "pin_expiry", 60, 3_600)?;
    let wait = number(form, "next_event_wait", 60, 900)?;
    Ok(Order {
        id: random_hex().map_err(internal)?,
        rules: RULES,
        number: called.to_owned(),
        brand: brand.to_owned(),
        code_length,
        events: events
            .iter()
            .map(|(channel, own)| (*channel, wait.unwrap_or(*own)))
            .collect(),
        // What was ordered, unless that is no whole multiple of an ordered wait; then it is that wait.
        code_life: match (expiry, wait) {
            (Some(expiry), Some(wait)) if expiry % wait != 0 => wait,
            (expiry, _) => expiry.unwrap_or(DEFAULT_EXPIRY),
        },
    })
}

fn check(network: &mut Network, form: &Form, now: Seconds) -> Result<Value, Value> {
    let (id, code) = (needed(form, "request_id")?, needed(form, "code")?);
    let event = random_hex().map_err(internal)?;
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
    let (id, command) = (needed(form, "request_id")?, needed(form, "cmd")?);
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
    let ids: Vec<_> = form.all(&["request_id", "request_ids"]).collect();
    if ids.is_empty() {
        needed(form, "request_id")?;
    }
    if ids.len() > MOST_SEARCHED {
        return Err(error("18", "Too many request ids"));
    }
    let mut found: Vec<_> = ids
        .into_iter()
        .filter_map(|id| {
            network
                .search(id, now)
                .map(|(state, number)| entry(id, state, number))
        })
        .collect();
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
        State::Cancelled { .. } => "CANCELLED",
        State::Expired => "EXPIRED",
    };
    json!({"request_id": id, "status": status, "number": number})
}

#[cfg(test)]
mod tests {
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
        let question = Question {
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

    /// When, as what, and whether with a new code, in the order of sending, over the next 5,000 seconds; and when it was over.
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
}
