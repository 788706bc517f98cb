//! Unit tests of `twilio`: what a request contains, and what is kept out of it.

use super::{ID, SERVICE, at, id, phone};
use crate::verification::fake_provider::recording;
use crate::verification::twilio::*;

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
