//! Databases of other versions: refusals, and the backup before an upgrade.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use migration::MigratorTrait;
use pollstr::platform::clock::Clock;
use pollstr::platform::db::Db;
use sea_orm::{ConnectionTrait, Database};

use crate::database::upgrade::{folder_with_secret, postgres_copy, sqlite_copy};
use crate::server::startup::{count, files, refused, run_to_end};
use crate::support::app::{START_TIME, Site};
use crate::support::environment::{folder, new_database, program, server_url};

/// Makes a database look upgraded by a later version.
const LATER: &str = "INSERT INTO seaql_migrations VALUES ('m9999_later', 0)";

#[tokio::test]
async fn a_database_of_a_later_version_is_refused_in_one_line() {
    let folder = folder();
    assert!(run_to_end(program(&folder).arg("seed")).0);
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
    assert!(run_to_end(program(&folder).args(["backup", "copy.db"])).0);
    let Some(server) = server_url() else { return };
    let url = new_database(&server).await;
    let folder = self::folder();
    assert!(run_to_end(program(&folder).arg("migrate").env("DATABASE_URL", &url)).0);
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
    assert!(run_to_end(&mut run("migrate")).0);
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
    assert!(run_to_end(&mut run("status")).0);
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
    let (success, _, line) = run_to_end(&mut run("migrate"));
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
    let (success, _, line) = run_to_end(&mut run("migrate"));
    assert!(success && line.is_empty(), "{line}");
    assert_eq!(files(&folder), there);
}
