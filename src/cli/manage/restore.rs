//! `pollstr restore`: replaces the SQLite database by a backup.

use std::path::Path;

use pollstr::platform::clock::{Clock, Seconds};
use pollstr::platform::config::Config;
use pollstr::server::restore::{Loss, Restore};
use pollstr::web::number::of;
use pollstr::web::time::{day, wait};

use crate::cli::failure::confirm;
use crate::cli::output::Outcome;
use crate::cli::table::{cell, table};

pub(crate) async fn restore(config: &Config, file: &Path, yes: bool) -> Outcome {
    let now = Clock::system().now();
    let file = std::path::absolute(file)?;
    let restore = Restore::plan(config, &file, now).await?;
    let database = restore.database.display();
    let mut plan = vec![
        age(&restore, &file, now),
        losses(&restore.losses),
        "Accounts, passwords, sessions and suspensions become what they were then.".to_owned(),
    ];
    if restore.is_earlier {
        plan.push("It is from an earlier version; the next start upgrades it.".to_owned());
    }
    if let Some(kept) = &restore.kept {
        let kept = kept.display();
        plan.push(format!("{database} is kept as {kept}."));
    }
    confirm(
        yes,
        &plan.join("\n"),
        &format!("replace {database} by this backup"),
    )?;
    let kept = restore.run().await?;
    let restored = format!("Restored {database} from {}.", file.display());
    Ok(kept.map_or(restored.clone(), |kept| {
        format!(
            "{restored} The replaced database is {}; delete it when all is well, since it holds open polls as they were.",
            kept.display()
        )
    }))
}

/// Says when the backup was made.
fn age(restore: &Restore, file: &Path, now: Seconds) -> String {
    let file = file.display();
    let Some(made_at) = restore.made_at else {
        return format!("{file} is a whole backup of an empty site.");
    };
    let made = if made_at.exact {
        "made on"
    } else {
        "not older than"
    };
    format!(
        "{file} is a whole backup of this site, {made} {}, {} ago.",
        day(made_at.at),
        wait(now - made_at.at)
    )
}

/// Says how many hours of votes are lost, and in which polls.
fn losses(losses: &[Loss]) -> String {
    let Some(longest) = losses.iter().map(|loss| loss.seconds).max() else {
        return "No poll has taken votes since then, so no votes are lost.".to_owned();
    };
    let polls = of(i64::try_from(losses.len()).unwrap_or(i64::MAX), "poll");
    let row = |loss: &Loss| {
        let lost = wait(loss.seconds);
        let lost = if loss.kept {
            format!("{lost} of votes")
        } else {
            format!("the poll, with {lost} of votes")
        };
        [loss.id.clone(), lost, cell(&loss.question)]
    };
    let rows: Vec<_> = losses.iter().map(row).collect();
    format!(
        "Up to {} of votes in {polls} are lost:\n{}",
        wait(longest),
        table(["ID", "LOST", "QUESTION"], &rows)
    )
}
