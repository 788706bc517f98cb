//! Unit tests of `vonage_v2`.

use super::*;
use crate::verification::fake_provider::{fixed_response, recording};

const ID: &str = "01234567-89ab-cdef-0123-456789abcdef";
const PROBLEM: Option<&str> = Some("application/problem+json");
const JSON: Option<&str> = Some("application/json");

fn at(base_url: &str, sender_id: Option<&str>) -> VonageV2 {
    let settings = Settings {
        base_url: base_url.to_owned(),
        api_key: "key-1".to_owned(),
        api_secret: "s3cret".to_owned(),
        brand: "Pollstr".to_owned(),
        sender_id: sender_id.map(str::to_owned),
    };
    VonageV2::new(settings).unwrap()
}

fn phone() -> Phone {
    Phone::from_stored("+447700900123".to_owned()).unwrap()
}

fn id() -> RequestId {
    RequestId::new(ID.to_owned())
}

/// Sends all three requests to a provider that gives the same response to each.
async fn ask_all(status: u16, kind: Option<&'static str>, body: &str) -> (Start, Check, Cancel) {
    let provider = at(&fixed_response(status, kind, body.to_owned()).await, None);
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
    let (busy, operator, odd) = (Fault::Busy, Fault::AccountAdmin, Fault::UnexpectedResponse);
    let (start, check, cancel) = (Start::Fault(odd), Check::Fault(odd), Cancel::Fault(odd));
    let running = Start::Running(Some(id()));
    let table = [
        (
            400,
            "Invalid Code",
            "",
            (start.clone(), Check::Wrong, cancel),
        ),
        (400, "Bad Request", "", all(odd)),
        (401, "Unauthorized", "", all(operator)),
        (402, "Low balance", "", all(operator)),
        (403, "Forbidden", "", all(operator)),
        (
            404,
            "Not Found",
            "",
            (start.clone(), Check::Gone, Cancel::Gone),
        ),
        (
            409,
            "Conflict",
            r#","request_id":"01234567-89ab-cdef-0123-456789abcdef""#,
            (running.clone(), check, Cancel::NotNow),
        ),
        (
            409,
            "Conflict",
            "",
            (Start::Running(None), check, Cancel::NotNow),
        ),
        (
            409,
            "Conflict",
            r#","request_id":"../verify""#,
            (Start::Running(None), check, Cancel::NotNow),
        ),
        (
            410,
            "Invalid Code",
            "",
            (start, Check::TooManyWrong, cancel),
        ),
        (
            422,
            "Conflict",
            r#","request_id":"01234567-89ab-cdef-0123-456789abcdef""#,
            (running, check, cancel),
        ),
        (
            422,
            "Invalid",
            "",
            (Start::NumberRefused(NumberRefusal::Invalid), check, cancel),
        ),
        (429, "Rate Limit Hit", "", all(busy)),
        (500, "Internal", "", all(busy)),
    ];
    for (status, title, more, expected) in table {
        let problem = format!(r#"{{"title":"{title}","type":"about:blank"{more}}}"#);
        assert_eq!(
            ask_all(status, PROBLEM, &problem).await,
            expected,
            "{status} {title}{more}"
        );
    }
}

#[tokio::test]
async fn an_error_without_its_object_says_nothing() {
    for status in [400, 404, 409, 410, 422] {
        for (kind, body) in [
            (Some("text/html"), "<html>"),
            (PROBLEM, ""),
            (PROBLEM, "[]"),
            (PROBLEM, r#"{"title":7}"#),
        ] {
            assert_eq!(
                ask_all(status, kind, body).await,
                all(Fault::UnexpectedResponse),
                "{status} {body}"
            );
        }
    }
}

#[tokio::test]
async fn an_invalid_setting_is_not_blamed_on_the_number() {
    for (name, expected) in [
        ("to", Start::NumberRefused(NumberRefusal::Invalid)),
        (
            "workflow[0].to",
            Start::NumberRefused(NumberRefusal::Invalid),
        ),
        ("brand", Start::Fault(Fault::AccountAdmin)),
        ("workflow[0].from", Start::Fault(Fault::AccountAdmin)),
    ] {
        let problem = format!(
            r#"{{"title":"Invalid","invalid_parameters":[{{"name":"{name}","reason":"no"}}]}}"#
        );
        assert_eq!(ask_all(422, PROBLEM, &problem).await.0, expected, "{name}");
    }
}

#[tokio::test]
async fn the_documented_success_is_success_and_nothing_else_is() {
    let completed = format!(r#"{{"request_id":"{ID}","status":"completed"}}"#);
    assert_eq!(
        ask_all(202, JSON, &format!(r#"{{"request_id":"{ID}"}}"#))
            .await
            .0,
        Start::Sent(id())
    );
    assert_eq!(
        ask_all(200, JSON, &completed).await,
        (
            Start::Fault(Fault::UnexpectedResponse),
            Check::Approved,
            Cancel::Fault(Fault::UnexpectedResponse)
        )
    );
    assert_eq!(
        ask_all(204, None, "").await,
        (
            Start::Fault(Fault::UnexpectedResponse),
            Check::Fault(Fault::UnexpectedResponse),
            Cancel::Done
        )
    );
    for status in [200, 202] {
        for body in [
            "",
            "{}",
            r#"{"request_id":7,"status":"completed"}"#,
            r#"{"request_id":"01234567-89ab-cdef-0123","status":"completed"}"#,
            r#"{"request_id":"../../../x?y=89ab-cdef-0123-456789abc","status":"completed"}"#,
        ] {
            assert_eq!(
                ask_all(status, JSON, body).await,
                all(Fault::UnexpectedResponse),
                "{status} {body}"
            );
        }
    }
    for body in [
        format!(r#"{{"request_id":"{ID}"}}"#),
        format!(r#"{{"request_id":"{ID}","status":0}}"#),
        format!(r#"{{"request_id":"{ID}","status":"0"}}"#),
        format!(r#"{{"request_id":"{ID}","status":"Completed"}}"#),
        format!(
            r#"{{"request_id":"{}","status":"completed"}}"#,
            ID.replace('0', "1")
        ),
        completed.replace('}', ""),
    ] {
        assert_eq!(
            ask_all(200, JSON, &body).await.1,
            Check::Fault(Fault::UnexpectedResponse),
            "{body}"
        );
    }
    for status in [201, 202, 204, 301] {
        assert_eq!(
            ask_all(status, JSON, &completed).await.1,
            Check::Fault(Fault::UnexpectedResponse),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_question_has_all_that_belongs_in_it_and_no_code_or_number_in_its_address() {
    let (address, heard) = recording().await;
    at(&address, Some("Club 7"))
        .start(&phone(), Channel::Sms)
        .await;
    let provider = at(&address, Some("Club 7"));
    provider.start(&phone(), Channel::Voice).await;
    provider.check(&id(), "123456").await;
    provider.cancel(&id()).await;
    let login = "Basic a2V5LTE6czNjcmV0";
    let start = |step: &str| {
        format!(
            "POST /fake/v2/verify {login} application/json \
             {{\"brand\":\"Pollstr\",\"channel_timeout\":300,\"code_length\":6,\"workflow\":[{step}]}}"
        )
    };
    let expected = [
        start(r#"{"channel":"sms","from":"Club 7","to":"447700900123"}"#),
        start(r#"{"channel":"voice","to":"447700900123"}"#),
        format!("POST /fake/v2/verify/{ID} {login} application/json {{\"code\":\"123456\"}}"),
        format!("DELETE /fake/v2/verify/{ID} {login} - "),
    ];
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_another_provider_named_is_not_asked_about() {
    let (address, heard) = recording().await;
    for odd in [
        "0123456789abcdef0123456789abcdef",
        "",
        "../verify",
        "VE0123456789abcdef0123456789abcdef",
    ] {
        let id = RequestId::new(odd.to_owned());
        assert_eq!(at(&address, None).check(&id, "123456").await, Check::Gone);
        assert_eq!(at(&address, None).cancel(&id).await, Cancel::Gone);
    }
    assert!(heard.lock().unwrap().is_empty());
}
