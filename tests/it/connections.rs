//! Connections that want nothing: however many there are and however little they say, the site is not held up by them.

use std::time::Duration;

use pollstr::serve::{Limits, serve};
use pollstr::server;
use pollstr::start::Ground;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::site::Site;

/// Longer than anything here takes, and shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(7);

/// A site behind limits of its own.
pub(crate) async fn behind(ground: &Ground, limits: Limits) -> (String, CancellationToken, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap().to_string(), CancellationToken::new());
    let serving = tokio::spawn(serve(limits, listener, server::router(ground), stop.clone()));
    (address, stop, serving)
}

#[tokio::test]
async fn whoever_says_nothing_or_half_of_it_is_let_go() {
    let site = Site::new().await;
    let (address, ..) = behind(&site.ground, Limits { head: Duration::from_millis(300), ..Limits::default() }).await;
    for (said, answered) in [
        ("", ""),
        ("PRI * HTT", ""),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: ", ""),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK"),
    ] {
        let mut connection = TcpStream::connect(&address).await.unwrap();
        connection.write_all(said.as_bytes()).await.unwrap();
        let mut heard = String::new();
        timeout(PATIENCE, connection.read_to_string(&mut heard)).await.unwrap_or_else(|_| panic!("open after {said:?}")).unwrap();
        assert!(heard.starts_with(answered), "{said:?}: {heard}");
    }
}

#[tokio::test]
async fn told_to_stop_it_ends_though_no_connection_has_a_place() {
    let site = Site::new().await;
    let (address, stop, serving) = behind(&site.ground, Limits { connections: 1, ..Limits::default() }).await;
    let mut only = TcpStream::connect(&address).await.unwrap();
    only.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_ne!(only.read(&mut [0; 1_000]).await.unwrap(), 0);
    let _waits = TcpStream::connect(&address).await.unwrap();
    stop.cancel();
    timeout(PATIENCE, serving).await.unwrap().unwrap();
}
