//! `pollstr migrate`, `seed`, `check` and `backup`.

use std::path::Path;

use pollstr::accounts::passwords::password::Hasher;
use pollstr::platform::backup;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::server::startup::{open_database, open_existing, open_keys};
use pollstr::server::{check as preflight, startup};
use serde_json::json;

use crate::cli::output::{Outcome, json};

/// Runs pending migrations.
pub(crate) async fn migrate(config: &Config) -> Outcome {
    open_database(config).await?.close().await;
    Ok("The database is up to date.".to_owned())
}

/// Inserts the demo account and polls into an empty database.
pub(crate) async fn seed(config: &Config) -> Outcome {
    if !config.demo() {
        return Err(
            "the demo needs the simulator and a site that only this machine can reach".into(),
        );
    }
    let db = open_database(config).await?;
    open_keys(config, &db).await?;
    let made = startup::seed(&db, &Hasher::new(), &Clock::system()).await?;
    db.close().await;
    Ok(if made {
        "Created the demo account and polls."
    } else {
        "The database isn't empty; nothing was changed."
    }
    .to_owned())
}

/// Checks all that a start needs. The verdict is the first line; notes follow.
pub(crate) async fn check(config: &Config, as_json: bool) -> Outcome {
    let notes = preflight::check(config).await?;
    if as_json {
        return json(&json!({ "notes": notes }));
    }
    let answer = format!(
        "Settings, database, secret and {} all check out.",
        config.verify.name()
    );
    Ok([vec![answer], notes].concat().join("\n"))
}

/// Copies an SQLite database into a new file while the site runs.
pub(crate) async fn backup(config: &Config, file: &Path) -> Outcome {
    let (db, file) = (open_existing(config).await?, std::path::absolute(file)?);
    backup::backup(&db, &file).await?;
    db.close().await;
    let secret = config.secret_file.display();
    Ok(format!(
        "Backed up the database to {}. The secret file {secret} isn't included; keep a separate copy of it.",
        file.display()
    ))
}
