//! Malformed requests, and forms that no browser sends.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::Site;

/// Sends raw bytes and returns the response.
async fn raw(site: &Site, request: &[u8]) -> String {
    let mut connection = TcpStream::connect(site.origin.trim_start_matches("http://"))
        .await
        .unwrap();
    connection.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn every_request_target_is_answered_without_a_panic() {
    let site = Site::new().await;
    let long = |length: usize| [b"GET /", "a".repeat(length).as_bytes()].concat();
    let cases: Vec<(Vec<u8>, u16)> = [
        (&b"CONNECT evil:80"[..], 405),
        (b"CONNECT evil", 405),
        (b"CONNECT /", 405),
        (b"CONNECT http://evil/", 405),
        (b"GET evil:80", 400),
        (b"GET evil", 400),
        (b"POST evil:80", 400),
        (b"HEAD evil:80", 400),
        (b"FOO evil:80", 400),
        (b"GET *", 400),
        (b"POST *", 400),
        (b"OPTIONS *", 204),
        (b"GET http://evil/", 200),
        (b"GET http://evil", 200),
        (b"GET http://evil?q=dog", 200),
        (b"GET https://evil/login", 200),
        (b"GET http://evil/nothing", 404),
        (b"GET ftp://evil/", 400),
        (b"GET javascript://x/", 400),
        (b"OPTIONS http://evil", 405),
        (b"OPTIONS /", 405),
        (b"TRACE /", 405),
        (b"DELETE /login", 405),
        (b"PUT /nothing", 404),
        (b"FOO /", 405),
        (b"get /", 405),
        (b"GET /%zz", 404),
        (b"GET /%", 404),
        (b"GET /%00", 404),
        (b"GET /polls/%00", 404),
        (b"GET /polls/%ff", 404),
        (b"GET /polls/%ff/live", 400),
        (b"GET /polls/%ff/results.csv", 400),
        (b"POST /polls/%00/vote", 415),
        (b"GET /api/%ff", 404),
        (b"GET /api/poll?id=%ff%00", 404),
        (b"GET /?q=%00%ff%zz", 200),
        (b"GET //evil", 404),
        (b"GET /\\evil", 404),
        (b"GET /;a=b", 404),
        (b"GET /..%2f..%2fetc/passwd", 404),
        (b"GET /\xff", 400),
        (b"GET /a\x00b", 400),
        (b"GET ", 400),
    ]
    .into_iter()
    .map(|(line, status)| (line.to_vec(), status))
    .chain([(long(8_000), 404), (long(8_192), 414), (long(70_000), 414)])
    .collect();
    for (line, status) in cases {
        let answer = raw(
            &site,
            &[
                &line,
                &b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"[..],
            ]
            .concat(),
        )
        .await;
        let shown = String::from_utf8_lossy(&line[..line.len().min(60)]).into_owned();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown}: {}",
            answer.lines().next().unwrap_or("nothing")
        );
    }
}

#[tokio::test]
async fn a_request_names_one_host_in_a_form_that_is_one() {
    let site = Site::new().await;
    for (version, hosts, status) in [
        ("1.1", "Host: polls.example.org\r\n", 200),
        ("1.1", "Host: [::1]:3000\r\n", 200),
        ("1.1", "hOsT:x\r\n", 200),
        ("1.1", "", 400),
        ("1.1", "Host: x\r\nHost: x\r\n", 400),
        ("1.1", "Host: x\r\nhost: y\r\n", 400),
        ("1.1", "Host:\r\n", 400),
        ("1.1", "Host: a b\r\n", 400),
        ("1.1", "Host: user@x\r\n", 400),
        ("1.1", "Host: x/y\r\n", 400),
        ("1.1", "Host: x:99999\r\n", 400),
        ("1.1", "Host: x, y\r\n", 400),
        ("1.1", "Host: [::1\r\n", 400),
        ("1.1", "Host: é\r\n", 400),
        // As health checks send it.
        ("1.0", "", 200),
        ("1.0", "Host: x\r\n", 200),
        ("1.0", "Host: x\r\nHost: y\r\n", 400),
    ] {
        let answer = raw(
            &site,
            format!("GET /healthz HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(
            answer.starts_with(&format!("HTTP/{version} {status} ")),
            "{version} {hosts:?}: {answer}"
        );
        // A refusal has the usual headers and closes the connection.
        assert!(
            answer.contains("content-security-policy: default-src 'none'"),
            "{answer}"
        );
        assert!(
            status == 200 || answer.contains("connection: close"),
            "{answer}"
        );
    }
}
