//! Restores an SQLite database from a backup while no site serves it.

pub mod error;

use std::path::{Path, PathBuf};

use sea_orm::DbErr;

use crate::platform::backup::file::{BackupFile, MadeAt};
use crate::platform::backup::is_sqlite;
use crate::platform::backup::replace;
use crate::platform::backup::replace::ReplaceError;
use crate::platform::clock::Seconds;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::location::{DatabaseLocation, migrations};
use crate::polls::admin::voting_since::{VotingSince, known, voting_since};
use crate::server::restore::error::RestoreError;
use crate::server::startup::schema::{Schema, steps};
use crate::server::startup::{known_secret, open_existing};

/// A restore that can be done: the backup was checked, and no site serves the database.
#[derive(Debug)]
pub struct Restore {
    backup: PathBuf,
    /// The database that it replaces.
    pub database: PathBuf,
    /// Where that one will be kept; `None` if there is none.
    pub kept: Option<PathBuf>,
    /// When the backup was made; `None` if nothing in it tells.
    pub made_at: Option<MadeAt>,
    /// Whether the next start upgrades it.
    pub is_earlier: bool,
    /// The polls whose votes it lacks.
    pub losses: Vec<Loss>,
}

/// A poll that has taken votes since a backup was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Its id.
    pub id: String,
    /// Its question.
    pub question: String,
    /// For how many seconds it has taken votes since then.
    pub seconds: Seconds,
    /// Whether the backup has the poll at all.
    pub kept: bool,
}

impl Restore {
    /// Checks a backup, and what a restore would lose, without changing anything.
    ///
    /// # Errors
    /// When the file isn't a whole backup of this site by this version or an earlier one, or a
    /// process has the database open.
    pub async fn plan(config: &Config, file: &Path, now: Seconds) -> Result<Self, RestoreError> {
        let DatabaseLocation::File(database) = DatabaseLocation::of(&config.database_url) else {
            return Err(ReplaceError::Postgres.into());
        };
        replace::require_other(file, &database)?;
        let backup = BackupFile::open(file).await?;
        let unreadable = |error| RestoreError::Unreadable(file.to_owned(), error);
        let checked = check(&backup, config, file).await;
        let made_at = backup.made_at().await;
        let losses = match (&checked, &made_at) {
            (Ok(_), Ok(Some(made_at))) => {
                replace::require_unused(&database)?;
                losses(&backup, config, made_at.at, now).await
            }
            _ => Ok(Vec::new()),
        };
        backup.close().await.map_err(unreadable)?;
        let is_earlier = checked?;
        replace::require_unused(&database)?;
        Ok(Self {
            backup: file.to_owned(),
            kept: replace::kept_as(&database),
            database,
            made_at: made_at.map_err(unreadable)?,
            is_earlier,
            losses: losses.map_err(unreadable)?,
        })
    }

    /// Puts the backup in the database's place. Returns where the replaced one is kept.
    ///
    /// # Errors
    /// When a process has opened the database in the meantime, or a file can't be written.
    pub async fn run(&self) -> Result<Option<PathBuf>, RestoreError> {
        Ok(replace::replace(&self.backup, &self.database).await?)
    }
}

/// Checks that a file is a backup of this site, and returns whether an earlier version made it.
async fn check(backup: &BackupFile, config: &Config, file: &Path) -> Result<bool, RestoreError> {
    let unreadable = |error| RestoreError::Unreadable(file.to_owned(), error);
    let db = backup.connection();
    let applied = migrations(db).await.map_err(unreadable)?;
    let is_ours = steps().first().is_some_and(|first| applied.contains(first));
    let schema = Schema::of(&applied);
    match schema {
        _ if !is_ours => return Err(RestoreError::Foreign(file.to_owned())),
        Schema::Later => return Err(RestoreError::Later(file.to_owned())),
        Schema::Empty | Schema::Earlier | Schema::Current => {}
    }
    let known = known_secret(db).await.map_err(unreadable)?;
    Keys::read(&config.secret_file, known.as_deref())?;
    Ok(schema != Schema::Current)
}

/// Returns the polls that have taken votes since the backup: those of the database, or if that can't
/// be read, those of the backup.
async fn losses(
    backup: &BackupFile,
    config: &Config,
    since: Seconds,
    now: Seconds,
) -> Result<Vec<Loss>, DbErr> {
    let polls = match in_database(config, since, now).await {
        Some(polls) => polls,
        None => voting_since(backup.connection(), since, now).await?,
    };
    let ids: Vec<_> = polls.iter().map(|poll| poll.id.as_str()).collect();
    let known = known(backup.connection(), &ids).await?;
    let loss = |poll: VotingSince| Loss {
        kept: known.contains(&poll.id),
        seconds: poll.seconds(since, now),
        id: poll.id,
        question: poll.question,
    };
    Ok(polls.into_iter().map(loss).collect())
}

/// Returns the polls of the database that have taken votes; `None` if there is no database, or it is
/// damaged.
async fn in_database(config: &Config, since: Seconds, now: Seconds) -> Option<Vec<VotingSince>> {
    // SQLite removes the log beside a file that is no database.
    let DatabaseLocation::File(file) = DatabaseLocation::of(&config.database_url) else {
        return None;
    };
    is_sqlite(&file).ok().filter(|is_sqlite| *is_sqlite)?;
    let db = open_existing(config).await.ok()?;
    let polls = voting_since(db.read(), since, now).await;
    db.close().await;
    polls.ok()
}
