//! The wire protocol of Vonage Verify v1: form-encoded requests, JSON responses, and always HTTP
//! 200.
//!
//! It returns the documented statuses for the documented errors, always as strings. It accepts any
//! credentials. It doesn't depend on HTTP or on the source of the time. Workflows, waits and rules
//! are those that the vendor publishes.

use serde_json::{Value, json};

use crate::platform::clock::Seconds;
use crate::simulator::network::{Controlled, Network, Started};
use crate::simulator::protocol::{
    ApiRequest, Endpoint, Form, Reply, VendorProtocol, is_number, random_hex,
};
use crate::simulator::verification::Channel::{Sms, Voice};
use crate::simulator::verification::{Channel, Checked, Order, Rules, State};

const RULES: Rules = Rules {
    cancel_from: 30,
    cancel_late: false,
    lingers: 0,
    most_wrong: 3,
    most_starts: 1,
};

/// The messages of each workflow, from 1 on, and the seconds until the next.
const WORKFLOWS: [&[(Channel, Seconds)]; 7] = [
    &[(Sms, 125), (Voice, 180), (Voice, 300)],
    &[(Sms, 125), (Sms, 180), (Voice, 300)],
    &[(Voice, 150), (Voice, 150)],
    &[(Sms, 120), (Sms, 180)],
    &[(Sms, 120), (Voice, 180)],
    &[(Sms, 300)],
    &[(Voice, 300)],
];

/// Default lifetime of a code, in seconds.
const DEFAULT_EXPIRY: Seconds = 300;

/// Maximum number of ids in one search.
const MOST_SEARCHED: usize = 10;

/// Maximum lengths of brand and sender, in characters.
const MOST_BRAND: usize = 18;
const MOST_SENDER: usize = 11;

/// Verify v1.
pub(super) struct Vonage;

impl VendorProtocol for Vonage {
    fn answer(&self, network: &mut Network, question: &ApiRequest, now: Seconds) -> Reply {
        // Basic authentication is accepted instead of the two fields.
        let known = if question.login.is_some() {
            Ok(())
        } else {
            credentials(&question.form)
        };
        let answered = known.and_then(|()| answer(network, question.endpoint, &question.form, now));
        Reply::new(200, answered.unwrap_or_else(|refusal| refusal))
    }

    fn fake_success(&self, question: &ApiRequest, id: &str) -> Reply {
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

/// Parses an optional integer between `least` and `most`.
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

/// Returns an error in the documented format.
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

/// Accepts any key and secret, as long as both are set.
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
        // The requested expiry, unless it isn't a multiple of a requested wait; then that wait.
        code_lifetime: match (expiry, wait) {
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
#[path = "vonage_tests/mod.rs"]
mod tests;
