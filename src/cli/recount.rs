//! `pollstr recount`.

use std::fs::File;

use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::polls::sealing::{recount, recount_file};
use pollstr::server::startup::open_current;

use crate::cli::output::{Outcome, print_line};

/// Checks a recount bundle. It needs no settings, so it works on any machine.
pub(crate) fn recount_bundle(file: &str) -> Outcome {
    Ok(recount_file::check(File::open(file)?)
        .map_err(|wrong| format!("{file}: WRONG; {wrong}"))?
        .to_string())
}

/// Recounts polls from their ballots and prints a line for each.
pub(crate) async fn recount_polls(config: &Config, poll: Option<String>) -> Outcome {
    let (db, now) = (open_current(config).await?, Clock::system().now());
    let (mut counted, mut wrong, mut after) = (0, 0, 0);
    loop {
        let (polls, last) = match &poll {
            Some(poll) => (vec![poll.clone()], after),
            None => recount::polls(&db, after).await?,
        };
        for id in &polls {
            let Some(found) = recount::recount(&db, id, now).await? else {
                match poll {
                    Some(_) => {
                        return Err(format!("{id}: no such poll or file").into());
                    }
                    // The poll was deleted in the meantime.
                    None => continue,
                }
            };
            counted += 1;
            wrong += usize::from(!found.faults.is_empty());
            print_line(&found.to_string())?;
        }
        if poll.is_some() || polls.is_empty() {
            break;
        }
        after = last;
    }
    db.close().await;
    if wrong > 0 {
        Err(format!("{wrong} of {counted} polls are wrong").into())
    } else {
        Ok(format!("{counted} recounted, all correct."))
    }
}
