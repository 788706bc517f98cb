//! Unit tests of `submission`.

use super::*;

async fn read(kind: &str, body: impl Into<Body>) -> Result<Submission, BodyError> {
    let (parts, body) = axum::http::Request::post("/")
        .header(CONTENT_TYPE, kind)
        .body(body.into())
        .unwrap()
        .into_parts();
    Submission::read(&parts, body).await
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_form_and_json_become_the_same() {
    let form = read(FORM, "_fn=vote&choice=1&choice=2&poll=ab&_x=1")
        .await
        .unwrap();
    let json = read(
        "application/json; charset=utf-8",
        r#"{"choice":[1,"2"],"poll":"ab","none":null}"#,
    )
    .await
    .unwrap();
    assert_eq!(form.function, "vote");
    assert_eq!(form.arguments(), json.arguments());
    assert_eq!(
        form.arguments().to_string(),
        r#"{"form":{"choice":["1","2"],"poll":"ab"}}"#
    );
    assert!(!form.genuine);
}

#[tokio::test]
async fn secrets_are_not_handed_back() {
    let values = read(FORM, "username=amy&password=hush&code=123456")
        .await
        .unwrap()
        .values();
    assert_eq!(values.into_keys().collect::<Vec<_>>(), ["username"]);
}

#[tokio::test]
async fn null_characters_are_removed_and_reported() {
    for submission in [
        read(FORM, "a=b%00c&d=e").await.unwrap(),
        read("application/json", r#"{"a":"b\u0000c","d":"e"}"#)
            .await
            .unwrap(),
    ] {
        assert_eq!(submission.odd, ["a"]);
        assert_eq!(
            submission.arguments().to_string(),
            r#"{"form":{"a":"bc","d":"e"}}"#
        );
    }
}

#[tokio::test]
async fn what_no_form_of_ours_sends_is_refused() {
    assert_eq!(
        read("text/plain", "a=b").await.unwrap_err(),
        BodyError::Type
    );
    assert_eq!(
        read(FORM, "a".repeat(MAX_BODY + 1)).await.unwrap_err(),
        BodyError::Size
    );
    assert_eq!(read(FORM, "a%00=b").await.unwrap_err(), BodyError::Form);
    assert_eq!(
        read(FORM, "a=b&".repeat(101)).await.unwrap_err(),
        BodyError::Form
    );
    assert!(read(FORM, "a=b&".repeat(100)).await.is_ok());
    for json in ["", "[]", "{", r#"{"a":{"b":1}}"#, r#"{"\u0000":"a"}"#] {
        assert_eq!(
            read("application/json", json).await.unwrap_err(),
            BodyError::Form,
            "{json}"
        );
    }
}
