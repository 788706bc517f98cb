//! How many connections there may be, in all and from one address.

use pollstr::polls::model::poll::ResultsRule;
use pollstr::server::listener::limits::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::server::connections::{PATIENCE, ask, behind};
use crate::support::app::{Site, until};
use crate::support::voters::asked;

#[tokio::test]
async fn a_server_without_free_connections_stops_when_told() {
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

/// A connection from another loopback address.
async fn connected_from(source: &str, address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
    socket.connect(address.parse().unwrap()).await.unwrap()
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
