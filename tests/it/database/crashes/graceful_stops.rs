//! Stopping on a signal: requests under way are answered, within a limit.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::database::crashes::Process;
use crate::support::app::until;
use crate::support::environment::{folder, free_address};

#[tokio::test]
async fn a_request_that_began_before_the_stop_signal_is_answered() {
    let (folder, address) = (folder(), free_address());
    let mut process = Process::start(&folder, &address).await;
    let mut slow = TcpStream::connect(&address).unwrap();
    let beginning = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    slow.write_all(beginning.as_bytes()).unwrap();
    let mut heard = vec![0; 12];
    slow.read_exact(&mut heard).unwrap();
    assert_eq!(heard, b"HTTP/1.1 100", "it waits for the rest");
    process.signal("-TERM");
    until(async || TcpStream::connect(&address).is_err()).await;
    slow.write_all(b"_fn=login").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(
        answer.contains("HTTP/1.1 422") && answer.ends_with("</html>"),
        "{answer}"
    );
    assert!(process.child.wait().unwrap().success());
}

#[tokio::test]
async fn a_stopping_process_ends_within_ten_seconds_despite_open_connections() {
    let (folder, address) = (folder(), free_address());
    let mut process = Process::start(&folder, &address).await;
    // An unfinished request head, and a silent connection.
    let mut half = TcpStream::connect(&process.address).unwrap();
    half.write_all(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        .unwrap();
    let _silent = TcpStream::connect(&process.address).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    process.signal("-TERM");
    let told = std::hint::black_box(now());
    let status = tokio::task::spawn_blocking(move || process.child.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success(), "{status}");
    assert!(told.elapsed() < Duration::from_secs(10));
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a process takes to end is measured on the machine's clock"
)]
fn now() -> Instant {
    Instant::now()
}
