//! The wire protocol of Twilio Verify v2: form-encoded requests, JSON responses, and error codes
//! with HTTP statuses.
//!
//! It returns the documented codes for the documented errors. It accepts any credentials, and any
//! service id in the right format. It doesn't depend on HTTP or on the source of the time.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::platform::clock::Seconds;
use crate::simulator::network::{Controlled, Network, Started};
use crate::simulator::protocol::{
    ApiRequest, Endpoint, Reply, VendorProtocol, is_number, random_hex,
};
use crate::simulator::verification::{Channel, Checked, Order, Rules, State};

const RULES: Rules = Rules {
    cancel_from: 0,
    cancel_late: true,
    lingers: 0,
    most_wrong: 5,
    most_starts: 5,
};

const CODE_LIFE: Seconds = 600;

/// The name of all services.
const FRIENDLY_NAME: &str = "Pollstr";

/// Verify v2.
pub(super) struct Twilio;

impl VendorProtocol for Twilio {
    fn answer(&self, network: &mut Network, question: &ApiRequest, now: Seconds) -> Reply {
        if question.login.is_none() {
            return self.stranger();
        }
        if !question.service.starts_with("VA") {
            return unknown(question);
        }
        let answered = match question.endpoint {
            Endpoint::Start => start(network, question, now),
            Endpoint::Check => check(network, question, now),
            Endpoint::Search => search(network, question, now),
            Endpoint::Service => Ok(Reply::new(200, service(question))),
            _ => update(network, question, now),
        };
        answered.unwrap_or_else(|refusal| refusal)
    }

    fn fake_success(&self, question: &ApiRequest, id: &str) -> Reply {
        let asked = question.form.get("VerificationSid").unwrap_or(&question.id);
        let id = match (id, asked) {
            ("", "") => self.any_id(),
            ("", asked) => asked.to_owned(),
            (other, _) => other.to_owned(),
        };
        match question.endpoint {
            Endpoint::Start => Reply::new(
                201,
                verification(question, &id, "+447700900123", "pending", 0),
            ),
            Endpoint::Check => Reply::new(
                200,
                verification(question, &id, "+447700900123", "approved", 0),
            ),
            Endpoint::Service => Reply::new(200, service(question)),
            _ => Reply::new(
                200,
                verification(question, &id, "+447700900123", "canceled", 0),
            ),
        }
    }

    fn any_id(&self) -> String {
        sid("VE").unwrap_or_else(|_| format!("VE{}", "f".repeat(32)))
    }

    fn throttled(&self) -> Reply {
        error(429, 20429, "Too Many Requests")
    }

    fn stranger(&self) -> Reply {
        error(401, 20003, "Authenticate")
    }
}

/// Returns an error in the documented format.
fn error(status: u16, code: u32, message: &str) -> Reply {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    Reply::new(
        status,
        json!({"code": code, "message": message, "more_info": more, "status": status}),
    )
}

fn invalid(parameter: &str, value: &str) -> Reply {
    error(
        400,
        60200,
        &format!("Invalid parameter `{parameter}`: {value}"),
    )
}

fn internal(_: getrandom::Error) -> Reply {
    error(500, 20500, "Internal Server Error")
}

fn unknown(question: &ApiRequest) -> Reply {
    error(
        404,
        20404,
        &format!(
            "The requested resource /Services/{}/Verifications was not found",
            question.service
        ),
    )
}

fn start(network: &mut Network, question: &ApiRequest, now: Seconds) -> Result<Reply, Reply> {
    let to = question.form.get("To").unwrap_or_default();
    let digits = to
        .strip_prefix('+')
        .filter(|digits| is_number(digits))
        .ok_or_else(|| invalid("To", to))?;
    let channel = match question.form.get("Channel") {
        Some("sms") => Channel::Sms,
        Some("call") => Channel::Voice,
        other => return Err(invalid("Channel", other.unwrap_or_default())),
    };
    let id = sid("VE").map_err(internal)?;
    let order = Order {
        id: id.clone(),
        rules: RULES,
        number: digits.to_owned(),
        brand: FRIENDLY_NAME.to_owned(),
        code_length: 6,
        events: vec![(channel, CODE_LIFE)],
        code_lifetime: CODE_LIFE,
    };
    let (id, attempts) = match network.start(order, now).map_err(internal)? {
        Started::New => (id, 1),
        Started::Again(id, starts) => (id, starts),
        Started::TooOften | Started::Running(_) => {
            return Err(error(429, 60203, "Max send attempts reached"));
        }
    };
    let mut verification = verification(question, &id, to, "pending", now);
    let attempt = json!({"time": date(now), "channel": question.form.get("Channel"), "attempt_sid": sid("VL").map_err(internal)?});
    verification["send_code_attempts"] = vec![attempt; attempts].into();
    Ok(Reply::new(201, verification))
}

fn check(network: &mut Network, question: &ApiRequest, now: Seconds) -> Result<Reply, Reply> {
    let needed = |name| {
        question
            .form
            .get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| invalid(name, ""))
    };
    let (id, code) = (needed("VerificationSid")?, needed("Code")?);
    let number = network
        .search(id, now)
        .map(|(_, number)| format!("+{number}"))
        .unwrap_or_default();
    match network.check(id, code, now) {
        Checked::Right => Ok(Reply::new(
            200,
            verification(question, id, &number, "approved", now),
        )),
        Checked::Wrong => Ok(Reply::new(
            200,
            verification(question, id, &number, "pending", now),
        )),
        Checked::TooOften => Err(error(429, 60202, "Max check attempts reached")),
        Checked::Unknown => Err(unknown(question)),
    }
}

fn update(network: &mut Network, question: &ApiRequest, now: Seconds) -> Result<Reply, Reply> {
    let status = question.form.get("Status").unwrap_or_default();
    if status != "canceled" {
        return Err(invalid("Status", status));
    }
    let number = network
        .search(&question.id, now)
        .map(|(_, number)| format!("+{number}"))
        .unwrap_or_default();
    match network.cancel(&question.id, now) {
        Controlled::Done => Ok(Reply::new(
            200,
            verification(question, &question.id, &number, "canceled", now),
        )),
        Controlled::NotNow | Controlled::Unknown => Err(unknown(question)),
    }
}

fn search(network: &mut Network, question: &ApiRequest, now: Seconds) -> Result<Reply, Reply> {
    match network.search(&question.id, now) {
        Some((State::Running, number)) => Ok(Reply::new(
            200,
            verification(
                question,
                &question.id,
                &format!("+{number}"),
                "pending",
                now,
            ),
        )),
        _ => Err(unknown(question)),
    }
}

fn verification(question: &ApiRequest, id: &str, to: &str, status: &str, now: Seconds) -> Value {
    json!({
        "sid": id,
        "service_sid": question.service,
        "account_sid": account(question),
        "to": to,
        "channel": question.form.get("Channel").unwrap_or("sms"),
        "status": status,
        "valid": status == "approved",
        "amount": null,
        "payee": null,
        "date_created": date(now),
        "date_updated": date(now),
    })
}

fn service(question: &ApiRequest) -> Value {
    json!({"sid": question.service, "account_sid": account(question), "friendly_name": FRIENDLY_NAME, "code_length": 6})
}

fn account(question: &ApiRequest) -> &str {
    question.login.as_ref().map_or("", |(name, _)| name)
}

fn date(at: Seconds) -> String {
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

fn sid(kind: &str) -> Result<String, getrandom::Error> {
    Ok(format!("{kind}{}", random_hex()?))
}

#[cfg(test)]
#[path = "twilio_tests.rs"]
mod tests;
