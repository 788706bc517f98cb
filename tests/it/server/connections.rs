//! Slow and idle connections: however many there are, the site keeps answering.

use std::time::Duration;

use pollstr::polls::model::poll::ResultsRule;
use pollstr::server::listener::limits::Limits;
use pollstr::server::listener::serve;
use pollstr::server::router;
use pollstr::server::state::AppState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::app::{Site, until};
use crate::support::html;
use crate::support::voters::{asked, electorate};

/// An upper bound for every wait in this file.
const PATIENCE: Duration = Duration::from_secs(7);

/// A site with its own connection limits.
pub(crate) async fn behind(
    state: &AppState,
    limits: Limits,
) -> (String, CancellationToken, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (
        listener.local_addr().unwrap().to_string(),
        CancellationToken::new(),
    );
    let serving = tokio::spawn(serve(limits, listener, router::router(state), stop.clone()));
    (address, stop, serving)
}

#[tokio::test]
async fn whoever_says_nothing_or_half_of_it_is_let_go() {
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

#[tokio::test]
async fn told_to_stop_it_ends_though_no_connection_has_a_place() {
    let site = Site::new().await;
    let (address, stop, serving) = behind(
        &site.state,
        Limits {
            connections: 1,
            ..Limits::default()
        },
    )
    .await;
    let mut only = TcpStream::connect(&address).await.unwrap();
    only.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    assert_ne!(only.read(&mut [0; 1_000]).await.unwrap(), 0);
    let _waits = TcpStream::connect(&address).await.unwrap();
    stop.cancel();
    timeout(PATIENCE, serving).await.unwrap().unwrap();
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

/// Sends a small request and returns the status line; empty if the connection was refused.
async fn ask(connection: &mut TcpStream, header: &str) -> String {
    let request = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{header}\r\n");
    let mut answer = vec![0; 4_096];
    if connection.write_all(request.as_bytes()).await.is_err() {
        return String::new();
    }
    let count = timeout(PATIENCE, connection.read(&mut answer))
        .await
        .unwrap()
        .unwrap_or_default();
    String::from_utf8_lossy(&answer[..count])
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// A connection from another loopback address.
async fn connected_from(source: &str, address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    socket.connect(address.parse().unwrap()).await.unwrap()
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

#[tokio::test]
async fn one_address_has_so_many_connections_and_leaves_the_rest_to_others() {
    let site = Site::new().await;
    let (address, ..) = behind(
        &site.state,
        Limits {
            from_one_address: 2,
            ..Limits::default()
        },
    )
    .await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut connection = TcpStream::connect(&address).await.unwrap();
        assert_eq!(ask(&mut connection, "").await, "HTTP/1.1 200 OK");
        held.push(connection);
    }
    // It isn't a trusted proxy, so its header is ignored.
    let mut third = TcpStream::connect(&address).await.unwrap();
    assert_eq!(
        ask(&mut third, "X-Forwarded-For: 203.0.113.9\r\n").await,
        ""
    );
    assert_eq!(
        ask(&mut connected_from("127.0.0.2", &address).await, "").await,
        "HTTP/1.1 200 OK"
    );
    held.pop();
    until(async || {
        ask(&mut TcpStream::connect(&address).await.unwrap(), "").await == "HTTP/1.1 200 OK"
    })
    .await;
}

#[tokio::test]
async fn behind_a_proxy_its_visitors_are_counted_and_it_is_not() {
    let site = Site::new().await;
    let poll = asked(&site.state, |draft| draft.results = ResultsRule::Always).await;
    let proxies = vec!["127.0.0.1/32".parse().unwrap()];
    let (address, ..) = behind(
        &site.state,
        Limits {
            from_one_address: 2,
            proxies,
            ..Limits::default()
        },
    )
    .await;
    let mut streams = Vec::new();
    for port in ["", ":4711"] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let request = format!(
            "GET /polls/{poll}/live HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9{port}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_ne!(stream.read(&mut [0; 4_096]).await.unwrap(), 0);
        streams.push(stream);
    }
    let as_visitor = async |visitor: &str| {
        ask(
            &mut TcpStream::connect(&address).await.unwrap(),
            &format!("X-Forwarded-For: {visitor}\r\n"),
        )
        .await
    };
    assert_eq!(
        as_visitor("203.0.113.9").await,
        "HTTP/1.1 429 Too Many Requests"
    );
    assert_eq!(
        as_visitor("6.6.6.6, 203.0.113.9:80").await,
        "HTTP/1.1 429 Too Many Requests"
    );
    assert_eq!(as_visitor("203.0.113.10").await, "HTTP/1.1 200 OK");
    streams.pop();
    until(async || as_visitor("203.0.113.9").await == "HTTP/1.1 200 OK").await;
}
