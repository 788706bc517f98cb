//! Shutdown: signals, draining, and the lines logged at start and stop.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::database::crashes::Process;
use crate::support::app::{Site, until};
use crate::support::browser::client;
use crate::support::environment::{folder, free_address, program};

async fn status(address: &str, path: &str) -> u16 {
    client()
        .get(format!("http://{address}{path}"))
        .send()
        .await
        .map_or(0, |answer| answer.status().as_u16())
}

/// Returns whether a process is still running.
fn lives(process: &mut Process) -> bool {
    process.child.try_wait().unwrap().is_none()
}

#[tokio::test]
async fn a_process_that_is_leaving_is_not_ready_and_still_answers() {
    let site = Site::new().await;
    let visitor = site.visitor();
    visitor.get("/readyz").await.says(200, "ready");
    assert_eq!(visitor.get("/").await.header("connection"), "");
    site.state.leaving.cancel();
    visitor
        .get("/readyz")
        .await
        .says(503, "this process is stopping");
    let page = visitor.get("/").await;
    assert_eq!(
        (page.status.as_u16(), page.header("connection")),
        (200, "close"),
        "the next request goes to another process"
    );
    visitor.get("/healthz").await.says(200, "ok");
}

#[tokio::test]
async fn a_stopping_process_accepts_connections_for_the_configured_time() {
    let (folder, address) = (folder(), free_address());
    let mut process = Process::run(
        program(&folder).env("POLLSTR_DRAIN", "600"),
        &address,
        "error",
        Stdio::null(),
    )
    .await;
    process.signal("-TERM");
    until(async || status(&address, "/readyz").await == 503).await;
    assert_eq!(status(&address, "/login").await, 200);
    assert!(lives(&mut process));
    // A second signal skips the wait.
    process.signal("-TERM");
    let status = tokio::task::spawn_blocking(move || process.child.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn a_signal_that_means_nothing_to_it_does_not_end_it() {
    let (folder, address) = (folder(), free_address());
    let log = folder.join("log");
    let mut process = Process::start_logging(
        &folder,
        &address,
        "info",
        Stdio::from(fs::File::create(&log).unwrap()),
    )
    .await;
    for (number, name) in (1..).zip(["-HUP", "-USR1", "-USR2", "-HUP"]) {
        process.signal(name);
        until(async || {
            fs::read_to_string(&log)
                .unwrap()
                .matches("a signal was ignored")
                .count()
                == number
        })
        .await;
        assert_eq!(status(&address, "/readyz").await, 200, "{name}");
    }
    assert!(lives(&mut process));
}

/// Returns the log lines with these words of a process that was started with these settings and
/// stopped.
async fn told_at_the_start(how: &str, message: &str) -> Vec<Value> {
    let (folder, address) = (folder(), free_address());
    let mut command = Command::new("/bin/sh");
    command.env_clear().current_dir(&folder).args([
        "-c",
        &format!("{how}exec {}", env!("CARGO_BIN_EXE_pollstr")),
    ]);
    let (mut reader, log) = std::io::pipe().unwrap();
    let mut process = Process::run(&mut command, &address, "info", log.into()).await;
    drop(command);
    process.signal("-INT");
    assert!(process.child.wait().unwrap().success());
    let mut log = String::new();
    reader.read_to_string(&mut log).unwrap();
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["fields"].clone());
    lines
        .filter(|fields| {
            fields["message"]
                .as_str()
                .is_some_and(|said| said.starts_with(message))
        })
        .collect()
}

#[tokio::test]
async fn the_start_line_tells_what_runs_where_and_on_what() {
    let lines = told_at_the_start("", "serving").await;
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_eq!(line["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        line["origin"],
        format!("http://{}", line["address"].as_str().unwrap())
    );
    assert_eq!(
        (&line["provider"], &line["database"]),
        (&"the simulator".into(), &"SQLite".into())
    );
}

#[tokio::test]
async fn as_many_files_may_be_open_as_the_system_allows() {
    // The soft limit is raised to the hard limit.
    let lines = told_at_the_start("ulimit -S -n 256 && ", "serving").await;
    assert!(lines[0]["files"].as_u64().unwrap() > 256, "{lines:?}");
    let few = told_at_the_start("ulimit -n 512 && ", "few files may be open").await;
    assert_eq!(
        (few[0]["files"].as_u64(), few[0]["connections"].as_u64()),
        (Some(512), Some(312)),
        "{few:?}"
    );
}
