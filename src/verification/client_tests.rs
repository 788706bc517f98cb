//! Unit tests of `client`.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::verification::fake_provider::fixed_response;

async fn read(
    status: u16,
    content_type: Option<&'static str>,
    body: impl Into<axum::body::Bytes>,
) -> Result<Value, Fault> {
    let http = Http::new(&fixed_response(status, content_type, body).await).unwrap();
    ask(http.post("x")).await?.object()
}

#[tokio::test]
async fn an_object_is_what_calls_itself_json_and_is_one() {
    let object = r#" {"a":1} "#;
    for kind in [
        Some("application/json"),
        Some("Application/JSON; charset=utf-8"),
        None,
    ] {
        assert_eq!(
            read(200, kind, object).await,
            Ok(json!({"a": 1})),
            "{kind:?}"
        );
    }
    for kind in [
        "text/html",
        "text/plain; charset=utf-8",
        "application/jsonp",
        "application/problem+json",
        "",
    ] {
        assert_eq!(
            read(200, Some(kind), object).await,
            Err(Fault::UnexpectedResponse),
            "{kind}"
        );
    }
    assert_eq!(
        read(404, Some("application/problem+json"), object).await,
        Ok(json!({"a": 1}))
    );
    for body in [
        "",
        "null",
        "[]",
        r#"[{"a":1}]"#,
        r#"{"a":1"#,
        r#"{"a":1}{}"#,
        "<html>",
    ] {
        assert_eq!(
            read(200, Some("application/json"), body).await,
            Err(Fault::UnexpectedResponse),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_cap_and_no_further() {
    let padded = |length: usize| format!("{{}}{}", " ".repeat(length - 2));
    assert_eq!(read(200, None, padded(MAX_BODY)).await, Ok(json!({})));
    assert_eq!(
        read(200, None, padded(MAX_BODY + 1)).await,
        Err(Fault::UnexpectedResponse)
    );
}

#[tokio::test]
async fn a_connection_that_is_cut_or_refused_is_not_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = Http::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let connections = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&connections);
    let cutter = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            *counted.lock().unwrap() += 1;
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    for question in [http.post("x"), http.get("x"), http.delete("x")] {
        assert_eq!(ask(question).await.unwrap_err(), Fault::Unreachable);
    }
    assert_eq!(*connections.lock().unwrap(), 3);
    cutter.abort();
    let _ = cutter.await;
    assert_eq!(ask(http.post("x")).await.unwrap_err(), Fault::Unreachable);
}

#[tokio::test]
async fn an_answer_that_trickles_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = Http::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n")
            .await
            .unwrap();
        // Each byte follows soon after the last, so only a timeout on the whole exchange ends this.
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let answer = tokio::time::timeout(Duration::from_secs(6), ask(http.post("x"))).await;
    assert_eq!(answer.unwrap().unwrap_err(), Fault::Unreachable);
}

#[test]
fn secrets_travel_encrypted_or_not_at_all() {
    for good in [
        "https://api.nexmo.com",
        "http://127.0.0.1:9/",
        "http://[::1]:9",
        "http://localhost:9/sim//",
        "https://example.org/a/b",
    ] {
        assert!(base(good).is_ok(), "{good}");
    }
    let unusable = [
        "",
        "api.nexmo.com",
        "ftp://api.nexmo.com",
        "https://",
        "https://u:p@example.org",
        "https://example.org/?a",
        "a:b",
    ];
    for bad in unusable {
        assert!(matches!(base(bad), Err(BuildError::BaseUrl)), "{bad}");
    }
    for open in [
        "http://api.nexmo.com",
        "http://localhost.example.org",
        "http://10.0.0.1",
        "http://127.0.0.1.example.org",
    ] {
        assert!(matches!(base(open), Err(BuildError::Insecure)), "{open}");
    }
}
