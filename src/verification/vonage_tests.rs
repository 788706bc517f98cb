//! Unit tests of `vonage`.

use Fault::{AccountAdmin, Busy, UnexpectedResponse};
use NumberRefusal::{Blocked, Invalid, Unreachable, Unsupported};

use super::*;
use crate::verification::fake_provider::{fixed_response, recording};

const ID: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "ffffffffffffffffffffffffffffffff";

fn at(base_url: &str, sender_id: Option<&str>) -> Vonage {
    let settings = Settings {
        base_url: base_url.to_owned(),
        api_key: "key-1".to_owned(),
        api_secret: "s3cret&=+ß".to_owned(),
        brand: "Pollstr".to_owned(),
        sender_id: sender_id.map(str::to_owned),
    };
    Vonage::new(settings).unwrap()
}

async fn json(body: &str) -> Vonage {
    at(
        &fixed_response(200, Some("application/json"), body.to_owned()).await,
        None,
    )
}

fn phone() -> Phone {
    Phone::from_stored("+447700900123".to_owned()).unwrap()
}

fn id() -> RequestId {
    RequestId::new(ID.to_owned())
}

/// Sends all three requests.
async fn ask_all(provider: &Vonage) -> (Start, Check, Cancel) {
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

#[tokio::test]
async fn every_status_has_its_meaning() {
    let refused = Start::NumberRefused;
    let (busy, operator, odd) = (Fault::Busy, Fault::AccountAdmin, Fault::UnexpectedResponse);
    let number = |refusal| (refused(refusal), Check::Fault(odd), Cancel::Fault(odd));
    let table = [
        ("1", all(busy)),
        ("2", number(Invalid)),
        ("3", number(Invalid)),
        ("4", all(operator)),
        ("5", all(busy)),
        ("6", (refused(Unreachable), Check::Gone, Cancel::Gone)),
        ("7", number(Blocked)),
        ("8", all(operator)),
        ("9", all(operator)),
        (
            "10",
            (
                Start::Running(Some(id())),
                Check::Fault(odd),
                Cancel::Fault(odd),
            ),
        ),
        ("15", number(Unsupported)),
        ("16", (Start::Fault(odd), Check::Wrong, Cancel::Fault(odd))),
        (
            "17",
            (Start::Fault(odd), Check::TooManyWrong, Cancel::Fault(odd)),
        ),
        ("18", all(odd)),
        ("19", (Start::Fault(odd), Check::Fault(odd), Cancel::NotNow)),
        ("20", all(operator)),
        ("29", all(operator)),
        ("101", (Start::Fault(odd), Check::Gone, Cancel::Gone)),
        ("", all(odd)),
        ("00", all(odd)),
        ("0 ", all(odd)),
        ("ok", all(odd)),
    ];
    for (status, expected) in table {
        let provider = json(&format!(
            r#"{{"status":"{status}","error_text":"no","request_id":"{ID}"}}"#
        ))
        .await;
        assert_eq!(ask_all(&provider).await, expected, "status {status:?}");
    }
}

#[tokio::test]
async fn an_invalid_setting_is_not_blamed_on_the_number() {
    for (text, expected) in [
        (
            "Invalid value for param: number",
            Start::NumberRefused(NumberRefusal::Invalid),
        ),
        (
            "Invalid value for param: sender_id",
            Start::Fault(Fault::AccountAdmin),
        ),
        (
            "Missing mandatory param: brand",
            Start::Fault(Fault::AccountAdmin),
        ),
    ] {
        let provider = json(&format!(r#"{{"status":"3","error_text":"{text}"}}"#)).await;
        assert_eq!(
            provider.start(&phone(), Channel::Sms).await,
            expected,
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_documented_success_is_success_and_nothing_else_is() {
    let started = json(&format!(r#" {{"request_id":"{ID}","status":"0"}} "#)).await;
    assert_eq!(
        started.start(&phone(), Channel::Voice).await,
        Start::Sent(id())
    );
    let checked = format!(
        r#"{{"request_id":"{ID}","event_id":"0A","status":"0","price":"0.10000000","currency":"EUR"}}"#
    );
    assert_eq!(
        json(&checked).await.check(&id(), "123456").await,
        Check::Approved
    );
    assert_eq!(
        json(r#"{"status":"0","command":"cancel"}"#)
            .await
            .cancel(&id())
            .await,
        Cancel::Done
    );
    let bodies = [
        r#""0""#.to_owned(),
        "{}".to_owned(),
        format!(r#"[{{"status":"0","request_id":"{ID}"}}]"#),
        format!(r#"{{"status":0,"request_id":"{ID}"}}"#),
        format!(r#"{{"status":null,"request_id":"{ID}"}}"#),
        format!(r#"{{"status":["0"],"request_id":"{ID}"}}"#),
        format!(r#"{{"status":"completed","request_id":"{ID}"}}"#),
        format!(r#"{{"Status":"0","request_id":"{ID}"}}"#),
        format!(r#"{{"status":"16","status":"0","request_id":"{ID}"}}"#),
        r#"{"status":"0","request_id":7}"#.to_owned(),
        format!(r#"{{"status":"0","request_id":"{ID}","command":true}}"#),
    ];
    for body in bodies {
        assert_eq!(
            ask_all(&json(&body).await).await,
            all(Fault::UnexpectedResponse),
            "{body}"
        );
    }
    for nameless in [r#"{"status":"0"}"#, r#"{"status":"0","command":"cancel"}"#] {
        assert_eq!(
            json(nameless).await.check(&id(), "123456").await,
            Check::Fault(Fault::UnexpectedResponse),
            "{nameless}"
        );
    }
    let other = json(&format!(r#"{{"status":"0","request_id":"{OTHER}"}}"#)).await;
    let (_, check, cancel) = ask_all(&other).await;
    assert_eq!(
        (check, cancel),
        (
            Check::Fault(Fault::UnexpectedResponse),
            Cancel::Fault(Fault::UnexpectedResponse)
        )
    );
    let another = json(r#"{"status":"0","command":"trigger_next_event"}"#).await;
    assert_eq!(
        another.cancel(&id()).await,
        Cancel::Fault(Fault::UnexpectedResponse)
    );
}

#[tokio::test]
async fn a_start_needs_an_id_of_the_right_shape() {
    for status in ["0", "10"] {
        let misshapen = [
            "",
            "0123",
            "0123456789abcdef0123456789abcdeg",
            "0123456789abcdef0123456789abcdef0",
            "../../../../../../../../../../..",
        ];
        for odd in misshapen {
            let provider = json(&format!(r#"{{"status":"{status}","request_id":"{odd}"}}"#)).await;
            assert_eq!(
                provider.start(&phone(), Channel::Sms).await,
                Start::Fault(Fault::UnexpectedResponse),
                "{status} {odd}"
            );
        }
        let provider = json(&format!(r#"{{"status":"{status}"}}"#)).await;
        assert_eq!(
            provider.start(&phone(), Channel::Sms).await,
            Start::Fault(Fault::UnexpectedResponse)
        );
    }
}

#[tokio::test]
async fn an_id_of_another_vendor_is_gone_without_a_question() {
    // If a request were sent, the parameter would be reported as invalid.
    let provider =
        json(r#"{"status":"3","error_text":"Invalid value for parameter: request_id"}"#).await;
    for id in [
        "VE0123456789abcdef0123456789abcdef",
        "c11236f4-00bf-4b89-84ba-88b25df97315",
        "",
    ] {
        let id = RequestId::new(id.to_owned());
        assert_eq!(
            (
                provider.check(&id, "123456").await,
                provider.cancel(&id).await
            ),
            (Check::Gone, Cancel::Gone)
        );
    }
}

#[tokio::test]
async fn a_success_under_another_http_status_is_a_fault() {
    let success = format!(r#"{{"status":"0","request_id":"{ID}"}}"#);
    let (odd, ours, theirs) = ([201, 204, 301, 400, 404], [401, 402, 403], [429, 500, 503]);
    for (statuses, fault) in [
        (&odd[..], UnexpectedResponse),
        (&ours, AccountAdmin),
        (&theirs, Busy),
    ] {
        for status in statuses {
            let provider = at(
                &fixed_response(*status, Some("application/json"), success.clone()).await,
                None,
            );
            assert_eq!(ask_all(&provider).await, all(fault), "HTTP {status}");
        }
    }
}

#[tokio::test]
async fn a_question_is_a_form_with_all_that_belongs_in_it_and_nothing_in_the_url() {
    let (address, heard) = recording().await;
    at(&address, Some("Club 7"))
        .start(&phone(), Channel::Sms)
        .await;
    let provider = at(&address, None);
    provider.start(&phone(), Channel::Voice).await;
    provider.check(&id(), "12 & 6").await;
    provider.cancel(&id()).await;
    let (form, key) = (
        "- application/x-www-form-urlencoded",
        "api_key=key-1&api_secret=s3cret%26%3D%2B%C3%9F",
    );
    let start = format!(
        "POST /fake/verify/json {form} {key}&number=447700900123&brand=Pollstr&code_length=6&pin_expiry=300&workflow_id="
    );
    let expected = [
        format!("{start}6&sender_id=Club+7"),
        format!("{start}7"),
        format!("POST /fake/verify/check/json {form} {key}&request_id={ID}&code=12+%26+6"),
        format!("POST /fake/verify/control/json {form} {key}&request_id={ID}&cmd=cancel"),
    ];
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[tokio::test]
async fn credentials_show_in_no_debug_output() {
    let shown = format!("{:?}", at("https://api.nexmo.com", None));
    assert!(
        !shown.contains("key-1") && !shown.contains("s3cret"),
        "{shown}"
    );
}
