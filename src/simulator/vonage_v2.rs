//! The wire protocol of Vonage Verify v2: JSON requests and responses, and problem details with
//! HTTP statuses.
//!
//! It returns the documented statuses for the documented errors. It accepts any credentials. It
//! doesn't depend on HTTP or on the source of the time.

use serde_json::{Value, json};

use crate::platform::clock::Seconds;
use crate::simulator::network::{Controlled, Network, Started};
use crate::simulator::protocol::{
    ApiRequest, Endpoint, Reply, VendorProtocol, is_number, random_hex,
};
use crate::simulator::verification::{Channel, Checked, Order, Rules};

const RULES: Rules = Rules {
    cancel_from: 0,
    cancel_late: true,
    lingers: 12,
    most_wrong: 3,
    most_starts: 1,
};

const MOST_BRAND: usize = 16;
const MOST_STEPS: usize = 3;

/// Default timeout of a workflow step, in seconds.
const DEFAULT_TIMEOUT: Seconds = 180;

/// Verify v2.
pub(super) struct VonageV2;

impl VendorProtocol for VonageV2 {
    fn answer(&self, network: &mut Network, question: &ApiRequest, now: Seconds) -> Reply {
        if question.login.is_none() {
            return self.stranger();
        }
        let id = question.id.as_str();
        match question.endpoint {
            Endpoint::Start => {
                start(network, &question.json, now).unwrap_or_else(|refusal| refusal)
            }
            Endpoint::Check => check(network, id, &question.json, now),
            Endpoint::Next => match network.next(id, now) {
                Controlled::Done => Reply::empty(200),
                Controlled::NotNow => {
                    problem(409, "Conflict", "There are no more events left to trigger.")
                }
                Controlled::Unknown => unknown(id),
            },
            _ => match network.cancel(id, now) {
                Controlled::Done => Reply::empty(204),
                Controlled::NotNow => problem(
                    409,
                    "Conflict",
                    "The current state of the request does not allow this.",
                ),
                Controlled::Unknown => unknown(id),
            },
        }
    }

    fn fake_success(&self, question: &ApiRequest, id: &str) -> Reply {
        let id = match (id, question.id.as_str()) {
            ("", "") => self.any_id(),
            ("", asked) => asked.to_owned(),
            (other, _) => other.to_owned(),
        };
        match question.endpoint {
            Endpoint::Start => Reply::new(202, json!({"request_id": id})),
            Endpoint::Check => Reply::new(200, json!({"request_id": id, "status": "completed"})),
            Endpoint::Next => Reply::empty(200),
            // A real success has no body, so one for another id needs a body to show it.
            _ if id != question.id => Reply::new(200, json!({"request_id": id})),
            _ => Reply::empty(204),
        }
    }

    fn any_id(&self) -> String {
        uuid().unwrap_or_else(|_| "ffffffff-ffff-4fff-8fff-ffffffffffff".to_owned())
    }

    fn throttled(&self) -> Reply {
        problem(
            429,
            "Rate Limit Hit",
            "Please wait, then retry your request",
        )
    }

    fn stranger(&self) -> Reply {
        problem(
            401,
            "Unauthorized",
            "You did not provide correct credentials.",
        )
    }
}

/// Returns an error in the documented format.
fn problem(status: u16, title: &str, detail: &str) -> Reply {
    let about = "https://developer.vonage.com/api-errors/verify";
    Reply::new(
        status,
        json!({"type": about, "title": title, "detail": detail, "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf"}),
    )
}

fn invalid(name: &str, reason: &str) -> Reply {
    let mut reply = problem(
        422,
        "Invalid params",
        "The value of one or more parameters is invalid",
    );
    if let Some(body) = &mut reply.body {
        body["invalid_parameters"] = json!([{"name": name, "reason": reason}]);
    }
    reply
}

fn internal(_: getrandom::Error) -> Reply {
    problem(500, "Internal Server Error", "Please try again")
}

fn unknown(id: &str) -> Reply {
    problem(
        404,
        "Not Found",
        &format!("Request '{id}' was not found or it has been verified already."),
    )
}

fn start(network: &mut Network, body: &Value, now: Seconds) -> Result<Reply, Reply> {
    let order = order(body)?;
    let new = json!({"request_id": order.id});
    match network.start(order, now).map_err(internal)? {
        Started::New => Ok(Reply::new(202, new)),
        Started::Running(id) | Started::Again(id, _) => {
            let mut reply = problem(
                409,
                "Conflict",
                "Concurrent verifications to the same number are not allowed",
            );
            if let Some(body) = &mut reply.body {
                body["request_id"] = id.into();
            }
            Err(reply)
        }
        Started::TooOften => Err(VonageV2.throttled()),
    }
}

fn order(body: &Value) -> Result<Order, Reply> {
    let brand = body["brand"].as_str().unwrap_or_default();
    if brand.is_empty()
        || brand.chars().count() > MOST_BRAND
        || brand.contains(['/', '{', '}', ':', '$'])
    {
        return Err(invalid(
            "brand",
            "must have 1 to 16 characters, and none of / { } : $",
        ));
    }
    let timeout = whole(&body["channel_timeout"], 15, 900, DEFAULT_TIMEOUT)
        .ok_or_else(|| invalid("channel_timeout", "must be 15 to 900"))?;
    let code_length = whole(&body["code_length"], 4, 10, 4)
        .ok_or_else(|| invalid("code_length", "must be 4 to 10"))?;
    let steps = body["workflow"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if !(1..=MOST_STEPS).contains(&steps.len()) {
        return Err(invalid("workflow", "must have 1 to 3 steps"));
    }
    let mut events = Vec::new();
    for step in steps {
        let channel = match step["channel"].as_str() {
            Some("sms") => Channel::Sms,
            Some("voice") => Channel::Voice,
            _ => return Err(invalid("workflow[0].channel", "must be sms or voice here")),
        };
        if !step["to"].as_str().is_some_and(is_number) {
            return Err(invalid(
                "workflow[0].to",
                "must be a phone number without +",
            ));
        }
        if step.get("from").is_some_and(|from| {
            !from
                .as_str()
                .is_some_and(|from| (1..=11).contains(&from.chars().count()))
        }) {
            return Err(invalid("workflow[0].from", "must have 1 to 11 characters"));
        }
        events.push((channel, timeout));
    }
    Ok(Order {
        id: uuid().map_err(internal)?,
        rules: RULES,
        number: steps
            .first()
            .and_then(|step| step["to"].as_str())
            .unwrap_or_default()
            .to_owned(),
        brand: brand.to_owned(),
        code_length: u32::try_from(code_length)
            .map_err(|_| invalid("code_length", "must be 4 to 10"))?,
        code_lifetime: timeout * i64::try_from(events.len()).unwrap_or(1),
        events,
    })
}

/// Parses an integer between `least` and `most`; `default` if missing.
fn whole(value: &Value, least: Seconds, most: Seconds, default: Seconds) -> Option<Seconds> {
    if value.is_null() {
        Some(default)
    } else {
        value
            .as_i64()
            .filter(|number| (least..=most).contains(number))
    }
}

fn check(network: &mut Network, id: &str, body: &Value, now: Seconds) -> Reply {
    let Some(code) = body["code"]
        .as_str()
        .filter(|code| (4..=10).contains(&code.len()))
    else {
        return invalid("code", "must be a text of 4 to 10 characters");
    };
    match network.check(id, code, now) {
        Checked::Right => Reply::new(200, json!({"request_id": id, "status": "completed"})),
        Checked::Wrong => problem(
            400,
            "Invalid Code",
            "The code you provided does not match the expected value.",
        ),
        Checked::TooOften => problem(
            410,
            "Invalid Code",
            "An incorrect code has been provided too many times. Workflow terminated.",
        ),
        Checked::Unknown => unknown(id),
    }
}

/// Returns a random UUID.
fn uuid() -> Result<String, getrandom::Error> {
    let hex = random_hex()?;
    Ok(format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    ))
}

#[cfg(test)]
#[path = "vonage_v2_tests.rs"]
mod tests;
