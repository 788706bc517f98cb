//! What a start or a command waits for, refuses, and leaves unchanged.

mod check;
mod settings;
mod versions;
mod waiting;

use std::fs;
use std::path::Path;
use std::process::Command;

use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::server::startup::start;
use sea_orm::{ConnectionTrait, Database, Statement};

use crate::support::app::{START_TIME, Site};
use crate::support::environment::{folder, new_database, program, server_url};

/// Exit code and outputs of a command.
pub(super) fn run_to_end(command: &mut Command) -> (bool, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Returns the single line on standard error of a command that failed.
pub(super) fn refused(command: &mut Command) -> String {
    let (success, _, line) = run_to_end(command);
    assert!(!success && line.lines().count() == 1, "{command:?}: {line}");
    line.trim_start_matches("pollstr: ").trim_end().to_owned()
}

fn files(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort_unstable();
    files
}

async fn count(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let row = db
        .query_one_raw(Statement::from_string(
            db.get_database_backend(),
            format!("SELECT CAST(({sql}) AS BIGINT)"),
        ))
        .await;
    row.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_command_in_the_wrong_folder_makes_nothing_and_names_the_place_where_it_looked() {
    let commands = [
        "user create amy",
        "user role amy admin",
        "user reset-password amy",
        "status",
        "allow 203.0.113.9 5 1",
        "resume GB",
        "recount",
        "backup copy.db",
        "user list",
        "user show amy",
        "user delete amy --yes",
        "poll list",
        "poll close abc",
        "events",
        "allow list",
        "allow remove 203.0.113.9",
    ];
    for command in commands {
        let folder = folder();
        let line = refused(program(&folder).args(command.split(' ')));
        let place = folder.join("data/pollstr.db");
        assert!(
            line.starts_with(&format!(
                "DATABASE_URL: there is no Pollstr database at {}; ",
                place.display()
            )),
            "{command}: {line}"
        );
        assert_eq!(files(&folder), Vec::<String>::new(), "{command}");
    }
    // Nor in another program's file.
    let folder = folder();
    fs::write(folder.join("empty.db"), "").unwrap();
    refused(
        program(&folder)
            .args(["user", "create", "amy"])
            .env("DATABASE_URL", "sqlite://empty.db"),
    );
    assert_eq!(fs::read(folder.join("empty.db")).unwrap(), b"");
    let Some(server) = server_url() else { return };
    let empty = new_database(&server).await;
    let line = refused(
        program(&folder)
            .args(["user", "create", "amy"])
            .env("DATABASE_URL", &empty),
    );
    assert!(
        line.starts_with("DATABASE_URL: there is no Pollstr database at it_")
            && !line.contains("pollstr:pollstr"),
        "{line}"
    );
    assert_eq!(
        count(
            &Database::connect(&empty).await.unwrap(),
            "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn the_demos_polls_are_hidden_while_other_machines_can_reach_the_site() {
    for site in Site::on_each_database().await {
        let clock = || Clock::manual(START_TIME);
        site.visitor().get("/").await.says(200, "What's up dog?");
        let public = [
            ("POLLSTR_ORIGIN", "https://polls.example.org"),
            ("POLLSTR_VERIFY", "simulator"),
        ];
        let public = Config::from_sources("", |name| {
            public
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        });
        let public = Config {
            origin: public.unwrap().origin,
            ..(*site.state.config).clone()
        };
        start(public, clock()).await.unwrap();
        site.visitor()
            .get("/")
            .await
            .says(200, "No polls are available.");
        start((*site.state.config).clone(), clock()).await.unwrap();
        site.visitor().get("/").await.says(200, "What's up dog?");
    }
}
