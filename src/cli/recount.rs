//! `pollstr recount`.

use std::fs::File;

use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::polls::sealing::recount::Recounted;
use pollstr::polls::sealing::{recount, recount_file};
use pollstr::server::startup::open_current;
use serde_json::{Value, json};

use crate::cli::failure::CommandError;
use crate::cli::output::{Outcome, json, print_line};

/// Checks a recount bundle. It needs no settings, so it works on any machine.
pub(crate) fn recount_bundle(file: &str, as_json: bool) -> Outcome {
    let right = recount_file::check(File::open(file)?)
        .map_err(|wrong| format!("{file}: WRONG; {wrong}"))?;
    if !as_json {
        return Ok(right.to_string());
    }
    json(&json!({
        "poll": right.poll,
        "ballots": right.ballots,
        "recounted": right.omit_reason.is_none(),
        "fingerprint": right.fingerprint,
    }))
}

/// Recounts polls from their ballots and prints a line for each, or one JSON array.
pub(crate) async fn recount_polls(config: &Config, poll: Option<String>, as_json: bool) -> Outcome {
    let (db, now) = (open_current(config).await?, Clock::system().now());
    let (mut counted, mut wrong, mut after, mut entries) = (0, 0, 0, Vec::new());
    loop {
        let (polls, last) = match &poll {
            Some(poll) => (vec![poll.clone()], after),
            None => recount::polls(&db, after).await?,
        };
        for id in &polls {
            let Some(found) = recount::recount(&db, id, now).await? else {
                match poll {
                    Some(_) => {
                        let missing = format!("{id}: no such poll or file");
                        return Err(CommandError::Missing(missing).into());
                    }
                    // The poll was deleted in the meantime.
                    None => continue,
                }
            };
            counted += 1;
            wrong += usize::from(!found.faults.is_empty());
            if as_json {
                entries.push(entry(&found));
            } else {
                print_line(&found.to_string())?;
            }
        }
        if poll.is_some() || polls.is_empty() {
            break;
        }
        after = last;
    }
    db.close().await;
    if as_json {
        print_line(&json(&Value::Array(entries))?)?;
    }
    if wrong > 0 {
        return Err(format!("{wrong} of {counted} polls are wrong").into());
    }
    Ok(if as_json {
        String::new()
    } else {
        format!("{counted} recounted, all correct.")
    })
}

fn entry(found: &Recounted) -> Value {
    json!({
        "poll": found.poll,
        "ballots": found.ballots,
        "faults": found.faults,
        "fingerprint": found.fingerprint,
    })
}
