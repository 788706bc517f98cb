//! Unit tests of `twilio`.

use NumberRefusal::{Blocked, Country, Invalid, NoTexts};

use super::*;
use crate::verification::fake_provider::{fixed_response, recording};

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
async fn the_documented_success_is_success_and_nothing_else_is() {
    let verification = |sid: &str, status: &str, valid: &str| {
        format!(r#"{{"sid":"{sid}","status":{status},"valid":{valid}}}"#)
    };
    let odd = Fault::UnexpectedResponse;
    assert_eq!(
        ask_all(201, JSON, &verification(ID, r#""pending""#, "false"))
            .await
            .0,
        Start::Sent(id())
    );
    for status in [200, 201] {
        let check = async |said: &str, valid: &str| {
            ask_all(status, JSON, &verification(ID, said, valid))
                .await
                .1
        };
        assert_eq!(check(r#""approved""#, "true").await, Check::Approved);
        assert_eq!(check(r#""pending""#, "false").await, Check::Wrong);
        assert_eq!(
            check(r#""max_attempts_reached""#, "false").await,
            Check::TooManyWrong
        );
        assert_eq!(check(r#""expired""#, "false").await, Check::Gone);
        for (said, valid) in [
            (r#""approved""#, "false"),
            (r#""pending""#, "true"),
            (r#""Approved""#, "true"),
            ("0", "true"),
            (r#""approved""#, r#""true""#),
            (r#""approved""#, "1"),
            (r#""approved""#, "null"),
        ] {
            assert_eq!(
                check(said, valid).await,
                Check::Fault(odd),
                "{said} {valid}"
            );
        }
    }
    assert_eq!(
        ask_all(200, JSON, &verification(ID, r#""canceled""#, "false"))
            .await
            .2,
        Cancel::Done
    );
    let other = ID.replace('0', "1");
    for (sid, status, valid) in [
        (other.as_str(), "approved", "true"),
        (&other, "canceled", "false"),
        ("", "pending", "false"),
    ] {
        let answers = ask_all(
            200,
            JSON,
            &verification(sid, &format!("\"{status}\""), valid),
        )
        .await;
        assert_eq!(answers, all(odd), "{sid} {status}");
    }
    for status in [202, 204, 301] {
        assert_eq!(
            ask_all(status, JSON, &verification(ID, r#""approved""#, "true")).await,
            all(odd),
            "{status}"
        );
    }
    for sid in [
        "",
        "VE0123",
        "01234567890123456789012345678901",
        "VE../../../../../../../../../../...",
    ] {
        assert_eq!(
            ask_all(201, JSON, &verification(sid, r#""pending""#, "false"))
                .await
                .0,
            Start::Fault(odd),
            "{sid}"
        );
    }
}

#[tokio::test]
async fn a_code_that_goes_out_again_is_nobodys_new_one() {
    for (attempts, expected) in [
        ("[]", Start::Sent(id())),
        ("[{}]", Start::Sent(id())),
        ("[{},{}]", Start::Resent(id())),
    ] {
        let body = format!(
            r#"{{"sid":"{ID}","status":"pending","valid":false,"send_code_attempts":{attempts}}}"#
        );
        assert_eq!(ask_all(201, JSON, &body).await.0, expected, "{attempts}");
    }
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

#[tokio::test]
async fn a_question_has_all_that_belongs_in_it_and_no_code_or_number_in_its_address() {
    let (address, heard) = recording().await;
    let provider = at(&address);
    provider.start(&phone(), Channel::Sms).await;
    provider.start(&phone(), Channel::Voice).await;
    provider.check(&id(), "123456").await;
    provider.cancel(&id()).await;
    assert_eq!(
        provider.cancel(&RequestId::new("../x".to_owned())).await,
        Cancel::Gone
    );
    let asked = |path: &str, body: &str| {
        format!(
            "POST /fake/v2/Services/{SERVICE}/{path} Basic QUMxOnMzY3JldA== application/x-www-form-urlencoded {body}"
        )
    };
    let expected = [
        asked("Verifications", "To=%2B447700900123&Channel=sms"),
        asked("Verifications", "To=%2B447700900123&Channel=call"),
        asked(
            "VerificationCheck",
            &format!("VerificationSid={ID}&Code=123456"),
        ),
        asked(&format!("Verifications/{ID}"), "Status=canceled"),
    ];
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[tokio::test]
async fn credentials_show_in_no_debug_output() {
    let shown = format!("{:?}", at("https://verify.twilio.com"));
    assert!(
        !shown.contains("AC1") && !shown.contains("s3cret"),
        "{shown}"
    );
}
