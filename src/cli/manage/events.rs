//! `pollstr events`: what happened lately in one account or in all.

use pollstr::accounts::admin::error::OperatorError;
use pollstr::accounts::audit;
use pollstr::accounts::audit::SiteEvent;
use pollstr::accounts::store;
use pollstr::platform::config::Config;
use pollstr::platform::db::Db;
use pollstr::server::startup::open_current;
use pollstr::web::time::{day, machine};
use serde_json::{Value, json};

use crate::cli::output::{Outcome, json};
use crate::cli::table::{cell, table};

pub(crate) async fn events(
    config: &Config,
    name: Option<&str>,
    limit: u32,
    as_json: bool,
) -> Outcome {
    let db = open_current(config).await?;
    let events = read(&db, name, limit).await;
    db.close().await;
    let events = events?;
    if as_json {
        return json(&events.iter().map(entry).collect());
    }
    if events.is_empty() {
        return Ok("Nothing has happened in the last year.".to_owned());
    }
    let rows: Vec<_> = events.iter().map(row).collect();
    Ok(table(["WHEN", "FROM", "ACCOUNT", "WHAT"], &rows))
}

async fn read(db: &Db, name: Option<&str>, limit: u32) -> Result<Vec<SiteEvent>, OperatorError> {
    let account = match name {
        None => None,
        Some(name) => {
            let found = store::find_by_name(db.read(), name).await?;
            Some(
                found
                    .ok_or_else(|| OperatorError::NotFound(name.to_owned()))?
                    .id,
            )
        }
    };
    Ok(audit::latest(db.read(), account, limit).await?)
}

fn row(event: &SiteEvent) -> [String; 4] {
    let entry = &event.entry;
    let from = [&entry.browser, &entry.ip_prefix];
    let from: Vec<_> = from.into_iter().filter(|part| !part.is_empty()).collect();
    let from = from.iter().map(|part| part.as_str()).collect::<Vec<_>>();
    [
        day(entry.at),
        cell(&from.join(", ")),
        event.account.as_deref().map_or("-".to_owned(), cell),
        cell(&entry.words()),
    ]
}

fn entry(event: &SiteEvent) -> Value {
    let entry = &event.entry;
    json!({
        "at": machine(entry.at),
        "account": event.account,
        "kind": entry.kind(),
        "words": entry.title(),
        "detail": entry.detail,
        "browser": entry.browser,
        "ip_prefix": entry.ip_prefix,
    })
}
