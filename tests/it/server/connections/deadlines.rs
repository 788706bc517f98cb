//! Slow, silent and idle connections end at a deadline.

use std::time::Duration;

use pollstr::polls::model::poll::ResultsRule;
use pollstr::server::listener::limits::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::server::connections::{PATIENCE, ask, behind};
use crate::support::app::Site;
use crate::support::html;
use crate::support::voters::{asked, electorate};

#[tokio::test]
async fn silent_and_half_finished_requests_are_disconnected() {
    let site = Site::new().await;
    let (address, ..) = behind(
        &site.state,
        Limits {
            head: Duration::from_millis(300),
            ..Limits::default()
        },
    )
    .await;
    for (said, answered) in [
        ("", ""),
        ("PRI * HTT", ""),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: ", ""),
        (
            "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
            "HTTP/1.1 200 OK",
        ),
    ] {
        let mut connection = TcpStream::connect(&address).await.unwrap();
        connection.write_all(said.as_bytes()).await.unwrap();
        let mut heard = String::new();
        timeout(PATIENCE, connection.read_to_string(&mut heard))
            .await
            .unwrap_or_else(|_| panic!("open after {said:?}"))
            .unwrap();
        assert!(heard.starts_with(answered), "{said:?}: {heard}");
    }
}

/// Reads a connection until it closes.
async fn heard(connection: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut heard = Vec::new();
    let reading = async {
        let mut some = [0; 4_096];
        while let Ok(count @ 1..) = connection.read(&mut some).await {
            heard.extend_from_slice(&some[..count]);
        }
    };
    timeout(PATIENCE, reading)
        .await
        .unwrap_or_else(|_| panic!("it stays open"));
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn a_body_that_drips_is_answered_at_its_deadline() {
    let site = Site::new().await;
    let (address, ..) = behind(
        &site.state,
        Limits {
            body: Duration::from_millis(400),
            ..Limits::default()
        },
    )
    .await;
    let head =
        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    for (length, drop) in [
        ("Content-Length: 60000", "a"),
        ("Transfer-Encoding: chunked", "1\r\na\r\n"),
    ] {
        let (mut reader, mut writer) = TcpStream::connect(&address).await.unwrap().into_split();
        writer
            .write_all(format!("{head}{length}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let dripping = tokio::spawn(async move {
            while writer.write_all(drop.as_bytes()).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let answer = heard(&mut reader).await;
        assert!(
            answer.starts_with("HTTP/1.1 408 ") && answer.contains("That took too long"),
            "{length}: {answer}"
        );
        dripping.abort();
    }
}

#[tokio::test]
async fn answers_that_are_never_read_hold_a_connection_for_a_while_only() {
    let site = Site::new().await;
    let home = site.visitor().get("/").await.body;
    let script = html::attribute(&home, "script[src]", "src").unwrap();
    let (address, ..) = behind(
        &site.state,
        Limits {
            connections: 1,
            write: Duration::from_millis(400),
            ..Limits::default()
        },
    )
    .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let (_never_read, mut writer) = socket
        .connect(address.parse().unwrap())
        .await
        .unwrap()
        .into_split();
    let asking = tokio::spawn(async move {
        let request = format!("GET {script} HTTP/1.1\r\nHost: x\r\n\r\n");
        while writer.write_all(request.as_bytes()).await.is_ok() {}
    });
    // The other connection holds the only slot.
    assert_eq!(
        ask(&mut TcpStream::connect(&address).await.unwrap(), "").await,
        "HTTP/1.1 200 OK"
    );
    asking.abort();
}

#[tokio::test]
async fn a_stream_outlives_the_deadline_for_writing_while_its_reader_reads() {
    let site = Site::new().await;
    let poll = asked(&site.state, |draft| draft.results = ResultsRule::Always).await;
    let (address, ..) = behind(
        &site.state,
        Limits {
            write: Duration::from_millis(100),
            ..Limits::default()
        },
    )
    .await;
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream
        .write_all(format!("GET /polls/{poll}/live HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut heard = String::new();
    let mut hear = async |what: &str| {
        while !heard.contains(what) {
            let mut some = [0; 4_096];
            let count = timeout(PATIENCE, stream.read(&mut some))
                .await
                .expect("no event")
                .unwrap();
            assert_ne!(count, 0, "it was cut: {heard}");
            heard.push_str(std::str::from_utf8(&some[..count]).unwrap());
        }
    };
    hear("id: 0").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let voters = electorate(&site.state, 0, 1).await;
    site.state
        .ballots
        .cast(voters[0].vote(&poll, &[1]))
        .await
        .unwrap();
    hear("id: 1").await;
}
