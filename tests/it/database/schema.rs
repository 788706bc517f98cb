//! Settings and schema of the databases.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use migration::{Migrator, MigratorTrait};
use pollstr::platform::clock::Clock;
use pollstr::platform::db::Db;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

use crate::support::app::{START_TIME, Site};
use crate::support::environment::{folder, new_database, server_url};

#[tokio::test]
async fn the_sqlite_inside_is_new_enough_not_to_lose_its_log() {
    let site = Site::new().await;
    let row = site
        .state
        .db
        .read()
        .query_one_raw(Statement::from_string(
            DbBackend::Sqlite,
            "SELECT sqlite_version() AS v",
        ))
        .await;
    let version: String = row.unwrap().unwrap().try_get("", "v").unwrap();
    let parts: Vec<u32> = version
        .split('.')
        .map(|part| part.parse().unwrap())
        .collect();
    assert!(parts >= vec![3, 51, 3], "{version}");
}

#[tokio::test]
async fn a_new_sqlite_file_and_its_log_are_their_owners_alone() {
    let folder = folder();
    let file = folder.join("a new one/polls.db");
    let db = Db::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    db.write()
        .execute_unprepared("CREATE TABLE t (x INTEGER)")
        .await
        .unwrap();
    for end in ["", "-wal", "-shm"] {
        let mode = fs::metadata(format!("{}{end}", file.display()))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{end}");
    }
    db.close().await;
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn migrations_run_forth_and_back_on_each_database() {
    for site in Site::on_each_database().await {
        let db = site.state.db.migrations();
        Migrator::down(db, None).await.unwrap();
        Migrator::up(db, None).await.unwrap();
        assert_eq!(site.count("SELECT COUNT(*) FROM poll").await, 0);
    }
}

#[tokio::test]
async fn ballots_name_no_voter_and_keep_no_order() {
    let site = Site::new().await;
    for table in ["participation", "account_participation", "ballot", "tally"] {
        let sql = format!(
            "SELECT COUNT(*) FROM sqlite_master WHERE name = '{table}' AND sql LIKE '%WITHOUT ROWID%'"
        );
        assert_eq!(site.count(&sql).await, 1, "{table}");
    }
    let columns = "SELECT COUNT(*) FROM pragma_table_info('ballot') b JOIN pragma_table_info('participation') p ON b.name = p.name";
    assert_eq!(
        site.count(columns).await,
        1,
        "only the poll's number stands in both"
    );
}

#[tokio::test]
async fn a_database_is_opened_with_its_own_secret_alone() {
    let site = Site::new().await;
    let mut config = (*site.state.config).clone();
    config.secret_file = folder().join("another.key");
    let error = pollstr::server::startup::start(config, Clock::system())
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with("POLLSTR_SECRET_FILE: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_commit_is_on_the_disk_when_it_returns() {
    let site = Site::new().await;
    let row = site
        .state
        .db
        .write()
        .query_one_raw(Statement::from_string(
            DbBackend::Sqlite,
            "PRAGMA synchronous",
        ))
        .await;
    assert_eq!(
        row.unwrap().unwrap().try_get_by_index::<i64>(0),
        Ok(2),
        "FULL"
    );
    let Some(server) = server_url() else { return };
    let database = new_database(&server).await;
    // Independent of the server's defaults.
    let careless = format!(
        "ALTER DATABASE {} SET synchronous_commit = off",
        database.rsplit_once('/').unwrap().1
    );
    Database::connect(&server)
        .await
        .unwrap()
        .execute_unprepared(&careless)
        .await
        .unwrap();
    let site = Site::on(&database, folder()).await;
    let row = site
        .state
        .db
        .write()
        .query_one_raw(Statement::from_string(
            DbBackend::Postgres,
            "SHOW synchronous_commit",
        ))
        .await;
    assert_eq!(
        row.unwrap().unwrap().try_get_by_index::<String>(0),
        Ok("on".to_owned())
    );
}

#[tokio::test]
async fn it_is_known_to_five_minutes_when_a_session_was_seen() {
    let site = Site::new().await;
    site.clock.advance(7);
    let amy = site.registered("amy").await;
    for (later, seen) in [
        (0, START_TIME),
        (292, START_TIME),
        (1, START_TIME + 300),
        (299, START_TIME + 300),
        (1, START_TIME + 600),
        (1_000, START_TIME + 1_500),
    ] {
        site.clock.advance(later);
        amy.get("/").await.says(200, "Polls");
        assert_eq!(site.count("SELECT MAX(seen_at) FROM session").await, seen);
        assert_eq!(
            site.count("SELECT MAX(created_at) FROM session").await,
            START_TIME
        );
    }
}

#[tokio::test]
async fn the_documents_name_every_table_and_no_other() {
    let site = Site::new().await;
    let rows = site
        .state
        .db
        .read()
        .query_all_raw(Statement::from_string(
            DbBackend::Sqlite,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations'",
        ))
        .await
        .unwrap();
    let tables: BTreeSet<String> = rows
        .iter()
        .map(|row| row.try_get("", "name").unwrap())
        .collect();

    let document = include_str!("../../../docs/data.md");
    let section = document.split("## Tables").nth(1).unwrap();
    let section = section.split("\n\nOn SQLite").next().unwrap();
    let named: BTreeSet<String> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
        .flat_map(|names| names.split('`').step_by(2))
        .map(str::to_owned)
        .collect();
    assert_eq!(named, tables);
}
