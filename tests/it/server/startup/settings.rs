//! Settings, secrets and connections that are refused, each with its name.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use pollstr::platform::db::{Db, pooler};
use sea_orm::ConnectionTrait;

use crate::server::startup::{refused, run_to_end};
use crate::support::environment::{folder, new_database, program, server_url};

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
async fn a_secret_that_everybody_can_read_stops_the_start() {
    let folder = folder();
    assert!(run_to_end(program(&folder).arg("seed")).0);
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
