//! Slow and idle connections: however many there are, the site keeps answering.

mod deadlines;
mod limits;

use std::time::Duration;

use pollstr::server::listener::limits::Limits;
use pollstr::server::listener::serve;
use pollstr::server::router;
use pollstr::server::state::AppState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

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
