//! What a start or a command waits for, and for how long.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use sea_orm::{ConnectionTrait, Database, TransactionTrait};

use crate::server::startup::refused;
use crate::support::environment::{folder, new_database, program, server_url};

/// Takes the startup lock.
const TURN: &str = "SELECT pg_advisory_xact_lock(22439)";

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waits_for_another_process_says_so_and_goes_on_when_that_is_done() {
    let Some(server) = server_url() else { return };
    let (database, folder) = (new_database(&server).await, folder());
    let other = Database::connect(&database)
        .await
        .unwrap()
        .begin()
        .await
        .unwrap();
    other.execute_unprepared(TURN).await.unwrap();
    let mut waiting = program(&folder)
        .arg("migrate")
        .env("DATABASE_URL", &database)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(waiting.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(
        line.starts_with("pollstr: waiting for another process (PostgreSQL backend "),
        "{line}"
    );
    other.rollback().await.unwrap();
    assert!(waiting.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_waits_for_too_long_ends_with_a_line_that_says_what_for() {
    let Some(server) = server_url() else { return };
    let (database, folder) = (new_database(&server).await, folder());
    let other = Database::connect(&database)
        .await
        .unwrap()
        .begin()
        .await
        .unwrap();
    other.execute_unprepared(TURN).await.unwrap();
    let line = refused(
        program(&folder)
            .env("DATABASE_URL", &database)
            .env("POLLSTR_START_WAIT", "1"),
    );
    assert!(
        line.starts_with("DATABASE_URL: another process (PostgreSQL backend "),
        "{line}"
    );
    assert!(
        line.contains("for 1 s") && line.contains("pg_terminate_backend("),
        "{line}"
    );
}
