//! The command `check`: what it looks at, without changing anything.

use std::fs;

use pollstr::platform::db::Db;
use sea_orm::{ConnectionTrait, Database};

use crate::server::startup::{count, files, refused, run_to_end};
use crate::support::environment::{folder, new_database, program, server_url};

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
        let (success, answer, _) = run_to_end(&mut check);
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
    let check = || run_to_end(program(&folder).arg("check"));
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
    assert!(run_to_end(program(&folder).arg("migrate")).0);
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
    let (success, answer, _) =
        run_to_end(program(&folder).arg("check").env("DATABASE_URL", &empty));
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
