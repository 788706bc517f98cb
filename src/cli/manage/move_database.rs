//! `pollstr move-database`: moves a site between SQLite and PostgreSQL.

use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::platform::db::location::DatabaseLocation;
use pollstr::server::move_database;
use pollstr::server::move_database::Moved;
use pollstr::web::number::of;

use crate::cli::output::Outcome;

/// What stands for the database of the settings, so that a password need not be typed.
const CONFIGURED: &str = "DATABASE_URL";

pub(crate) async fn move_database(config: &Config, from: &str, to: &str) -> Outcome {
    let url = |named: &str| match named {
        CONFIGURED => config.database_url.clone(),
        url => url.to_owned(),
    };
    let (from, to) = (url(from), url(to));
    let moved = move_database::move_database(&from, &to, Clock::system().now()).await?;
    let Moved { rows, polls } = moved;
    let (from, to) = (DatabaseLocation::of(&from), DatabaseLocation::of(&to));
    let polls = of(i64::try_from(polls)?, "poll");
    Ok(format!(
        "Moved {} from {from} to {to}; all arrived, and {polls} recounted alike. Set DATABASE_URL to the new database.\n\
         Delete the old one when all is well, since it holds open polls as they were.",
        of(rows, "row")
    ))
}
