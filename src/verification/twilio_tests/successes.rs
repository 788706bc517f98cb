//! Unit tests of `twilio`: what counts as a success.

use super::{ID, JSON, all, ask_all, id};
use crate::verification::twilio::*;

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
async fn a_resent_code_is_not_reported_as_newly_sent() {
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
