//! Unit tests of `twilio`: what each error of the vendor means.

use NumberRefusal::{Blocked, Country, Invalid, NoTexts};

use super::{JSON, SERVICE, all, ask_all, at};
use crate::verification::fake_provider::fixed_response;
use crate::verification::twilio::*;

#[tokio::test]
async fn every_error_code_has_its_meaning() {
    let (busy, ours, odd) = (Fault::Busy, Fault::AccountAdmin, Fault::UnexpectedResponse);
    let number = |refusal, fault| {
        (
            Start::NumberRefused(refusal),
            Check::Fault(fault),
            Cancel::Fault(fault),
        )
    };
    let table = [
        (
            400,
            60200,
            "Invalid parameter `To`: +1",
            number(Invalid, odd),
        ),
        (
            400,
            60200,
            "Invalid parameter `Channel`: pigeon",
            (Start::Fault(ours), Check::Fault(odd), Cancel::Fault(odd)),
        ),
        (400, 60000, "", all(odd)),
        (401, 20003, "Authenticate", all(ours)),
        (
            403,
            60205,
            "SMS is not supported by landline phone number",
            number(NoTexts, ours),
        ),
        (403, 60410, "Blocked", number(Blocked, ours)),
        (403, 60605, "Country", number(Country, ours)),
        (403, 20003, "Permission", all(ours)),
        (
            404,
            20404,
            "Not found",
            (Start::Fault(ours), Check::Gone, Cancel::Gone),
        ),
        (404, 1, "Not found", all(odd)),
        (
            429,
            60202,
            "Max check attempts reached",
            (Start::Fault(busy), Check::TooManyWrong, Cancel::Fault(busy)),
        ),
        (
            429,
            60203,
            "Max send attempts reached",
            (
                Start::Running(None),
                Check::Fault(busy),
                Cancel::Fault(busy),
            ),
        ),
        (429, 60212, "Too many concurrent requests", all(busy)),
        (429, 20429, "Too Many Requests", all(busy)),
        (500, 20500, "Internal Server Error", all(busy)),
    ];
    for (status, code, message, expected) in table {
        let problem = format!(
            r#"{{"code":{code},"message":"{message}","more_info":"https://example.org","status":{status}}}"#
        );
        assert_eq!(
            ask_all(status, JSON, &problem).await,
            expected,
            "{status} {code}"
        );
    }
}

#[tokio::test]
async fn an_error_without_its_object_says_nothing() {
    for status in [400, 403, 404] {
        for (kind, body) in [
            (Some("text/html"), "<html>"),
            (JSON, ""),
            (JSON, "{}"),
            (JSON, r#"{"code":"20404"}"#),
        ] {
            assert_eq!(
                ask_all(status, kind, body).await,
                all(Fault::UnexpectedResponse),
                "{status} {body}"
            );
        }
    }
    assert_eq!(
        ask_all(429, Some("text/html"), "<html>").await,
        all(Fault::Busy)
    );
}

#[tokio::test]
async fn a_service_that_is_not_there_is_a_wrong_setting() {
    let probe = async |status, body: &str| {
        at(&fixed_response(status, JSON, body.to_owned()).await)
            .probe()
            .await
    };
    assert_eq!(
        probe(200, &format!(r#"{{"sid":"{SERVICE}"}}"#)).await,
        Ok(())
    );
    assert_eq!(
        probe(200, r#"{"sid":"VA2"}"#).await,
        Err(Fault::UnexpectedResponse)
    );
    assert_eq!(
        probe(404, r#"{"code":20404}"#).await,
        Err(Fault::AccountAdmin)
    );
    assert_eq!(
        probe(401, r#"{"code":20003}"#).await,
        Err(Fault::AccountAdmin)
    );
}
