//! Unit tests of `twilio`.

mod errors;
mod requests;
mod successes;

use super::*;
use crate::verification::fake_provider::fixed_response;

const ID: &str = "VE0123456789abcdef0123456789abcdef";
const SERVICE: &str = "VA00000000000000000000000000000001";
const JSON: Option<&str> = Some("application/json");

fn at(base_url: &str) -> Twilio {
    let settings = Settings {
        base_url: base_url.to_owned(),
        account_sid: "AC1".to_owned(),
        auth_token: "s3cret".to_owned(),
        service: SERVICE.to_owned(),
    };
    Twilio::new(settings).unwrap()
}

fn phone() -> Phone {
    Phone::from_stored("+447700900123".to_owned()).unwrap()
}

fn id() -> RequestId {
    RequestId::new(ID.to_owned())
}

/// Sends all three requests to a provider that gives the same response to each.
async fn ask_all(status: u16, kind: Option<&'static str>, body: &str) -> (Start, Check, Cancel) {
    let provider = at(&fixed_response(status, kind, body.to_owned()).await);
    let (id, phone) = (id(), phone());
    tokio::join!(
        provider.start(&phone, Channel::Sms),
        provider.check(&id, "123456"),
        provider.cancel(&id)
    )
}

fn all(fault: Fault) -> (Start, Check, Cancel) {
    (
        Start::Fault(fault),
        Check::Fault(fault),
        Cancel::Fault(fault),
    )
}
