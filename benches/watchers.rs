//! Latency from a vote to all subscribers of live results, and memory per subscriber.
//!
//! `cargo bench --bench watchers`, with another number of subscribers than 5,000 after `--`. Each
//! takes two file descriptors, one at each end: mind `ulimit -n`.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench measures time and prints it"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::store::drafts::Draft;
use serde_json::{Value, json};
use support::{NOW, Site, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

const WATCHERS: usize = 5_000;
const VOTES: usize = 20;
/// As many per IP address as are allowed.
const A_HALL: usize = 400;

/// A subscriber has received this version.
struct Saw {
    version: usize,
    at: Instant,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let watchers = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(WATCHERS);
    let site = Site::new().await;
    let always = |_| Draft {
        results: ResultsRule::Always,
        ..Draft::asking("Which dog?", &["Beagle", "Collie", "Poodle"], NOW)
    };
    let poll = site.ask(always, 1).await;
    let voters = site.voters(VOTES).await;
    let empty = memory();
    let (send, mut seen) = mpsc::unbounded_channel();
    let ready = Arc::new(AtomicUsize::new(0));
    for number in 0..watchers {
        let (address, path) = (
            site.origin.trim_start_matches("http://").to_owned(),
            format!("/polls/{poll}/live"),
        );
        let from = format!("10.0.0.{}", number / A_HALL);
        tokio::spawn(watch(address, path, from, send.clone(), Arc::clone(&ready)));
        if number % 100 == 99 {
            wait_for(&ready, number + 1).await;
        }
    }
    wait_for(&ready, watchers).await;
    let each = (memory() - empty) / i64::try_from(watchers).unwrap();
    let mut delays = Vec::with_capacity(watchers * VOTES);
    let client = client();
    let token = client
        .get(format!("{}/api/csrf", site.origin))
        .send()
        .await
        .unwrap();
    let cookie = token.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let token: Value = token.json().await.unwrap();
    while seen.try_recv().is_ok() {}
    for (number, session) in voters.iter().enumerate() {
        // Votes within half a second are shown together; each of these must be shown separately.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let began = Instant::now();
        let vote = client
            .post(format!("{}/api/cast_vote", site.origin))
            .header("x-csrf-token", token["token"].as_str().unwrap());
        let vote = vote
            .header("cookie", format!("{cookie}; {session}"))
            .header("accept", "application/json");
        let answer = vote
            .json(&json!({ "poll": poll, "choice": "2" }))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        for _ in 0..watchers {
            let saw = seen.recv().await.unwrap();
            assert_eq!(
                saw.version,
                number + 1,
                "nobody is left out, and nobody sees the old after the new"
            );
            delays.push(saw.at.duration_since(began));
        }
    }
    delays.sort_unstable();
    let at = |percent: usize| delays[(delays.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    println!(
        "{watchers} watchers, {VOTES} votes; from sending a vote to its reading by a watcher:"
    );
    println!(
        "half within {:.1} ms, 99 of 100 within {:.1} ms, all within {:.1} ms",
        at(50),
        at(99),
        at(100)
    );
    println!(
        "memory of both ends of a stream, in this one process: {} kB a watcher",
        each / 1_000
    );
}

/// Opens a stream and reports each count that arrives.
async fn watch(
    address: String,
    path: String,
    from: String,
    seen: mpsc::UnboundedSender<Saw>,
    ready: Arc<AtomicUsize>,
) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nX-Forwarded-For: {from}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut text, mut buffer) = (String::new(), vec![0; 4_096]);
    let mut first = true;
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "the stream ended: {text}");
        let at = Instant::now();
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        while let Some(id) = text.find("\nid: ") {
            let Some(end) = text[id..].find("\n\n") else {
                break;
            };
            let version = text[id + 5..].split('\n').next().unwrap().parse().unwrap();
            text.drain(..id + end + 2);
            if first {
                first = false;
                ready.fetch_add(1, Ordering::Relaxed);
            } else {
                seen.send(Saw { version, at }).unwrap();
            }
        }
    }
}

async fn wait_for(ready: &AtomicUsize, watchers: usize) {
    while ready.load(Ordering::Relaxed) < watchers {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Returns this process's resident memory in bytes.
fn memory() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<i64>()
        .unwrap()
        * 1_000
}
