//! Standard output that takes nothing: a closed pipe, a stalled reader, a full disk.

use std::fs::File;
use std::io::{PipeReader, PipeWriter, pipe};
use std::path::Path;
use std::process::{Output, Stdio};

use crate::database::crashes::Process;
use crate::support::browser::client;
use crate::support::environment::{folder, free_address, program};

/// More requests than a pipe holds log lines.
const MANY: usize = 700;

fn full_disk() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe without a reader.
fn broken() -> PipeWriter {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer
}

/// Sends requests and returns how many log lines were lost.
async fn answers(log: impl Fn() -> Stdio, times: usize) -> u64 {
    let (folder, address, metrics) = (folder(), free_address(), free_address());
    let mut command = program(&folder);
    command.env("POLLSTR_METRICS_ADDR", &metrics).stderr(log());
    let mut process = Process::run(&mut command, &address, "info", log()).await;
    let client = client();
    for time in 0..times {
        let answer = client
            .get(format!("http://{address}/healthz"))
            .send()
            .await
            .unwrap_or_else(|error| panic!("{time}: {error}"));
        assert_eq!(answer.status(), 200);
    }
    let text = client
        .get(format!("http://{metrics}/metrics"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    process.signal("-INT");
    assert!(
        process.child.wait().unwrap().success(),
        "it ends as if nothing were"
    );
    text.split("\npollstr_log_lines_lost_total ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_log_whose_reader_is_gone_or_whose_disk_is_full_costs_lines_and_no_answer() {
    assert!(answers(|| broken().into(), 10).await > 5);
    assert!(answers(|| full_disk().into(), 10).await > 5);
}

#[tokio::test]
async fn a_log_whose_reader_stands_still_holds_nothing_up() {
    let (_reader, writer): (PipeReader, PipeWriter) = pipe().unwrap();
    answers(|| writer.try_clone().unwrap().into(), MANY).await;
}

/// Runs a command with these outputs.
fn run(folder: &Path, command: &str, stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Output {
    program(folder)
        .args(command.split(' '))
        .stdout(stdout)
        .stderr(stderr)
        .output()
        .unwrap()
}

#[test]
fn a_command_whose_reader_has_seen_enough_is_quietly_done() {
    let folder = folder();
    for command in ["migrate", "status", "seed", "recount", "check"] {
        let output = run(&folder, command, broken(), Stdio::piped());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(0), ""),
            "{command}"
        );
    }
}

#[test]
fn a_command_that_cannot_tell_what_it_did_says_so_in_one_line() {
    let folder = folder();
    for command in ["migrate", "status", "seed", "recount", "check"] {
        let output = run(&folder, command, full_disk(), Stdio::piped());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(
            said.starts_with("pollstr: couldn't write the output: ") && said.lines().count() == 1,
            "{command}: {said}"
        );
    }
    // With both outputs closed, only the exit code is left.
    assert_eq!(
        run(&folder, "recount nosuchpoll", broken(), broken())
            .status
            .code(),
        Some(3)
    );
    assert_eq!(
        run(&folder, "backup /dev/null/none", full_disk(), full_disk())
            .status
            .code(),
        Some(1)
    );
}
