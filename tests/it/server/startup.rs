//! What a start or a command waits for, refuses, and leaves unchanged.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use migration::MigratorTrait;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::platform::db::Db;
use pollstr::platform::db::pooler;
use pollstr::server::startup::start;
use sea_orm::{ConnectionTrait, Database, Statement, TransactionTrait};

use crate::database::upgrade::{folder_with_secret, postgres_copy, sqlite_copy};
use crate::support::app::{START_TIME, Site, folder, new_database, program, server_url};

/// Takes the startup lock.
const TURN: &str = "SELECT pg_advisory_xact_lock(22439)";

/// Exit code and outputs of a command.
fn said(command: &mut Command) -> (bool, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Returns the single line on standard error of a command that failed.
fn refused(command: &mut Command) -> String {
    let (success, _, line) = said(command);
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

#[tokio::test]
async fn a_connection_that_does_not_keep_its_settings_is_noticed() {
    let Some(server) = server_url() else { return };
    // Just longer than the check takes, so that it meets the changed setting.
    let db = Db::connect_with(&new_database(&server).await, Some(2))
        .await
        .unwrap();
    pooler::check(&db).await.unwrap();
    db.write()
        .execute_unprepared("SET synchronous_commit = off")
        .await
        .unwrap();
    let told = pooler::check(&db).await.unwrap_err().to_string();
    assert!(
        told.starts_with(
            "DATABASE_URL: a connection lost the setting synchronous_commit = on and has off; "
        ),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_set_and_unknown_stops_every_command_with_its_name() {
    for command in ["serve", "migrate", "check", "status"] {
        let line = refused(program(&folder()).arg(command).env("POLLSTR_TYPO", "hush"));
        assert!(
            line.starts_with("POLLSTR_TYPO: unknown setting; did you mean POLLSTR_")
                && !line.contains("hush"),
            "{line}"
        );
    }
    for (text, name) in [
        ("[pollstr]\norigini = 'x'", "origini"),
        ("[polstr]\norigin = 'x'", "[polstr]"),
        ("[pollstr]\nvonage-api-secret = 'hush'", "VONAGE_API_SECRET"),
        ("[pollstr]\ntrusted-proxies = [1]", "trusted-proxies"),
    ] {
        let folder = folder();
        fs::write(folder.join("Leptos.toml"), text).unwrap();
        let line = refused(program(&folder).arg("migrate"));
        assert!(
            line.starts_with("Leptos.toml: ") && line.contains(name) && !line.contains("hush"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_log_level_that_there_is_not_is_refused_by_a_start_and_by_check() {
    for command in ["serve", "check"] {
        let line = refused(program(&folder()).arg(command).env("POLLSTR_LOG", "loud"));
        assert!(
            line.starts_with("POLLSTR_LOG: \"loud\" is not a level"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn check_looks_at_addresses() {
    // A reserved address.
    for name in ["LEPTOS_SITE_ADDR", "POLLSTR_METRICS_ADDR"] {
        let line = refused(
            program(&folder())
                .arg("check")
                .env("POLLSTR_VERIFY", "simulator")
                .env(name, "192.0.2.1:9100"),
        );
        assert!(
            line.starts_with(&format!("{name}: 192.0.2.1:9100: ")),
            "{line}"
        );
    }
    let noted = |origin: &str, proxies: &str| {
        let folder = folder();
        let mut check = program(&folder);
        check
            .arg("check")
            .env("POLLSTR_VERIFY", "simulator")
            .env("POLLSTR_ORIGIN", origin)
            .env("POLLSTR_TRUSTED_PROXIES", proxies);
        check.env("POLLSTR_COUNTRIES", "GB");
        let (success, answer, _) = said(&mut check);
        assert!(success, "{answer}");
        answer
    };
    assert!(
        noted("http://polls.example.org", "")
            .contains("POLLSTR_ORIGIN: http://polls.example.org is not https")
    );
    assert!(noted("https://polls.example.org", "").contains("POLLSTR_TRUSTED_PROXIES: not set"));
    assert!(
        noted("https://polls.example.org", "0.0.0.0/0")
            .contains("POLLSTR_TRUSTED_PROXIES: every address is trusted")
    );
    assert!(!noted("https://polls.example.org", "10.0.0.1").contains("POLLSTR_"));
}

#[tokio::test]
async fn check_changes_nothing() {
    let folder = folder();
    let check = || said(program(&folder).arg("check"));
    let (success, answer, _) = check();
    let database = folder.join("data/pollstr.db");
    assert!(
        success
            && answer.starts_with("Settings, database, secret and the simulator all check out.\n"),
        "{answer}"
    );
    assert!(
        answer.contains(&format!(
            "There is no database yet: the first start creates it at {}",
            database.display()
        )),
        "{answer}"
    );
    assert_eq!(files(&folder), Vec::<String>::new());
    assert!(said(program(&folder).arg("migrate")).0);
    let before = (fs::read(&database).unwrap(), files(&folder.join("data")));
    let (success, answer, _) = check();
    assert!(
        success && answer.contains("There is no secret yet"),
        "{answer}"
    );
    assert_eq!(
        (fs::read(&database).unwrap(), files(&folder.join("data"))),
        before
    );
    // A database of an older version is not migrated either.
    let db = Db::connect(&format!("sqlite://{}", database.display()))
        .await
        .unwrap();
    db.write()
        .execute_unprepared("DELETE FROM seaql_migrations WHERE version = 'm0008_sealed_apart'")
        .await
        .unwrap();
    let (success, answer, _) = check();
    assert!(
        success && answer.contains("is from an earlier version"),
        "{answer}"
    );
    assert_eq!(
        count(
            db.read(),
            "SELECT COUNT(*) FROM seaql_migrations WHERE version = 'm0008_sealed_apart'"
        )
        .await,
        0
    );
    db.write()
        .execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_later', 0)")
        .await
        .unwrap();
    assert!(refused(program(&folder).arg("check")).contains("is from a later version"));
    let Some(server) = server_url() else { return };
    let empty = new_database(&server).await;
    let (success, answer, _) = said(program(&folder).arg("check").env("DATABASE_URL", &empty));
    assert!(
        success
            && answer.contains("There is no database yet")
            && !answer.contains("pollstr:pollstr"),
        "{answer}"
    );
    let tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(
        count(&Database::connect(&empty).await.unwrap(), tables).await,
        0
    );
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
async fn a_secret_that_everybody_can_read_stops_the_start() {
    let folder = folder();
    assert!(said(program(&folder).arg("seed")).0);
    let secret = folder.join("data/secret.key");
    fs::set_permissions(&secret, PermissionsExt::from_mode(0o644)).unwrap();
    for command in ["serve", "check"] {
        let line = refused(program(&folder).arg(command));
        assert!(
            line.starts_with("POLLSTR_SECRET_FILE: ")
                && line.ends_with(&format!("run: chmod 600 {}", secret.display())),
            "{line}"
        );
    }
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

/// Makes a database look upgraded by a later version.
const LATER: &str = "INSERT INTO seaql_migrations VALUES ('m9999_later', 0)";

#[tokio::test]
async fn a_database_of_a_later_version_is_refused_in_one_line() {
    let folder = folder();
    assert!(said(program(&folder).arg("seed")).0);
    let database = folder.join("data/pollstr.db");
    let db = Db::connect(&format!("sqlite://{}", database.display()))
        .await
        .unwrap();
    db.write().execute_unprepared(LATER).await.unwrap();
    db.close().await;
    let expected = |place: &str| {
        format!(
            "DATABASE_URL: the database at {place} is from a later version of Pollstr; use that version"
        )
    };
    for command in ["serve", "migrate", "seed", "status", "check", "recount"] {
        let line = refused(program(&folder).arg(command));
        assert_eq!(line, expected(&database.display().to_string()), "{command}");
    }
    // A backup still works.
    assert!(said(program(&folder).args(["backup", "copy.db"])).0);
    let Some(server) = server_url() else { return };
    let url = new_database(&server).await;
    let folder = self::folder();
    assert!(said(program(&folder).arg("migrate").env("DATABASE_URL", &url)).0);
    let db = Database::connect(&url).await.unwrap();
    db.execute_unprepared(LATER).await.unwrap();
    for command in ["serve", "status"] {
        let line = refused(program(&folder).arg(command).env("DATABASE_URL", &url));
        assert!(
            line.contains("is from a later version"),
            "{command}: {line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_refuses_while_an_instance_of_another_version_is_connected() {
    let Some(server) = server_url() else { return };
    let (url, folder) = (postgres_copy(&server).await, folder_with_secret());
    let run = |command: &str| {
        let mut program = program(&folder);
        program
            .arg(command)
            .env("DATABASE_URL", &url)
            .env("POLLSTR_SECRET_FILE", folder.join("secret.key"));
        program
    };
    assert!(refused(&mut run("recount")).ends_with("run `pollstr migrate` first"));
    // Instances of commit a3b152f set no application name.
    let unnamed = Database::connect(&url).await.unwrap();
    for command in ["serve", "migrate", "status"] {
        let line = refused(&mut run(command));
        assert!(
            line.starts_with(
                "DATABASE_URL: a client that may be an older Pollstr (PostgreSQL backend "
            ) && line.ends_with("all instances must run the same version, so stop it first"),
            "{command}: {line}"
        );
    }
    let steps = "SELECT COUNT(*) FROM seaql_migrations";
    assert_eq!(count(&unnamed, steps).await, 8);
    unnamed.close().await.unwrap();
    assert!(said(&mut run("migrate")).0);
    // After the upgrade, any client that names another version.
    let named = Database::connect(&url).await.unwrap();
    named
        .execute_unprepared("SET application_name = 'pollstr m9999_later'")
        .await
        .unwrap();
    for command in ["serve", "status"] {
        let line = refused(&mut run(command));
        assert!(
            line.starts_with(
                "DATABASE_URL: another version of Pollstr (schema m9999_later, PostgreSQL backend "
            ),
            "{command}: {line}"
        );
    }
    named.close().await.unwrap();
    // Neither other instances of this version nor unnamed clients block a command if the schema is
    // current.
    let site = Site::set(&url, folder_with_secret(), Clock::manual(START_TIME), &[]).await;
    let unnamed = Database::connect(&url).await.unwrap();
    assert!(said(&mut run("status")).0);
    unnamed.close().await.unwrap();
    drop(site);
}

#[tokio::test]
async fn an_sqlite_file_is_copied_before_its_upgrade_and_not_upgraded_under_another_process() {
    let folder = folder_with_secret();
    let url = sqlite_copy(&folder);
    let run = |command: &str| {
        let mut program = program(&folder);
        program
            .arg(command)
            .env("DATABASE_URL", &url)
            .env("POLLSTR_SECRET_FILE", folder.join("secret.key"));
        program
    };
    let file = folder.join("pollstr.db");
    let other = Db::connect(&url).await.unwrap();
    let steps = "SELECT COUNT(*) FROM seaql_migrations";
    assert_eq!(count(other.read(), steps).await, 8);
    for command in ["serve", "migrate", "status"] {
        assert_eq!(
            refused(&mut run(command)),
            format!(
                "DATABASE_URL: another process has {} open, but this version needs to upgrade it; stop that process first",
                file.display()
            ),
            "{command}"
        );
    }
    assert_eq!(count(other.read(), steps).await, 8);
    other.close().await;
    assert_eq!(files(&folder), ["pollstr.db", "secret.key"]);
    // An existing backup is not overwritten.
    let last = migration::Migrator::get_migration_files();
    let last = last.last().unwrap().name().split('_').next().unwrap();
    let taken = folder.join(format!("pollstr.db.before-{last}.backup"));
    fs::write(&taken, "taken").unwrap();
    let (success, _, line) = said(&mut run("migrate"));
    let copy = folder.join(format!("pollstr.db.before-{last}.2.backup"));
    assert!(success, "{line}");
    assert_eq!(
        line.trim_end(),
        format!(
            "pollstr: backed up the database to {} before upgrading it",
            copy.display()
        )
    );
    assert_eq!(fs::read(&taken).unwrap(), b"taken");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let before = Db::connect(&format!("sqlite://{}", copy.display()))
        .await
        .unwrap();
    assert_eq!(count(before.read(), steps).await, 8);
    assert_eq!(count(before.read(), "SELECT COUNT(*) FROM poll").await, 10);
    before.close().await;
    // There is nothing to upgrade, so nothing is copied.
    let there = files(&folder);
    let (success, _, line) = said(&mut run("migrate"));
    assert!(success && line.is_empty(), "{line}");
    assert_eq!(files(&folder), there);
}
