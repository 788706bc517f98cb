//! Decides when new votes show. The public count stays the same until five votes are new, or for a
//! random two to six seconds after the first of them was noticed, whichever comes first. A change
//! of the results therefore doesn't reveal how a particular person voted at a particular moment.
//!
//! All instances show the same count: on PostgreSQL it is stored in the database and replaced by
//! one conditional statement. On SQLite a single process serves the site and keeps it in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use serde::{Deserialize, Serialize};

use crate::platform::crypto::random;
use crate::platform::db::{Db, execute, places, statement};
use crate::polls::model::counting::count::Count;

/// Prefix of the `setting` rows that store released counts.
const ROW: &str = "released ";
/// Maximum number of polls kept in memory, not counting those with pending votes.
const MAX_ENTRIES: usize = 4_096;

/// When votes are released. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Number of new votes that are released immediately.
    pub votes: i64,
    /// Minimum wait for fewer votes.
    pub soonest: i64,
    /// Maximum wait for fewer votes, as long as the process runs.
    pub latest: i64,
    /// Maximum delay of a release after it was due. After that, the wait begins again, since a late
    /// release could show a vote cast this very moment together with an old one.
    pub lateness: i64,
}

impl Rule {
    /// The rule for production.
    pub const PUBLIC: Self = Self {
        votes: 5,
        soonest: 2_000,
        latest: 6_000,
        lateness: 1_500,
    };
    /// Shows each vote immediately, for tests of other features.
    pub const AT_ONCE: Self = Self {
        votes: 1,
        soonest: 0,
        latest: 0,
        lateness: 0,
    };

    /// Decides the next step for a poll, given the shown version and the newest.
    fn step(self, shown: i64, newest: i64, due: Option<i64>, now: i64) -> Step {
        match due {
            _ if newest == shown => Step::Stay,
            // Fewer votes than before: an older database was restored.
            _ if newest < shown || newest - shown >= self.votes => Step::Release,
            Some(due) if now < due => Step::Stay,
            Some(due) if now <= due + self.lateness => Step::Release,
            _ => Step::WaitUntil(now + self.wait()),
        }
    }

    fn wait(self) -> i64 {
        let chance = i64::from(u32::from_le_bytes(random()));
        self.soonest + chance * (self.latest - self.soonest) / i64::from(u32::MAX)
    }
}

/// The next step for a poll.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Keep showing the same count.
    Stay,
    /// Release the new votes at this time, in milliseconds.
    WaitUntil(i64),
    /// Show all votes now.
    Release,
}

/// The public count of a poll.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The count.
    pub count: Arc<Count>,
    /// When pending votes will be released, in milliseconds; `None` if there are none.
    pub due: Option<i64>,
}

/// The stored form of [`Shown`].
#[derive(Serialize, Deserialize)]
struct Row<C> {
    count: C,
    due: Option<i64>,
}

/// The released counts of all polls.
#[derive(Debug)]
pub struct Releases {
    /// The rule.
    pub rule: Rule,
    storage: Storage,
}

#[derive(Debug)]
enum Storage {
    /// The value is `None` for a poll that had votes before its count was first read.
    Memory(Mutex<HashMap<String, Option<Shown>>>),
    Database(Db),
}

/// A released count as read, for a compare-and-swap in [`Releases::replace`].
#[derive(Debug)]
pub struct Before {
    /// What is shown.
    pub shown: Shown,
    /// Whether memory had no entry for the poll; its votes are then older than this process.
    unknown: bool,
    text: Option<String>,
}

impl Releases {
    /// Creates an empty store: in the database on PostgreSQL, in memory on SQLite.
    #[must_use]
    pub fn new(db: &Db, rule: Rule) -> Self {
        let storage = match db.backend() {
            DbBackend::Postgres => Storage::Database(db.clone()),
            _ => Storage::Memory(Mutex::default()),
        };
        Self { rule, storage }
    }

    /// Records that a poll has a vote, if its count hasn't been read yet.
    pub fn voted(&self, id: &str) {
        if let Storage::Memory(shown) = &self.storage {
            lock(shown).entry(id.to_owned()).or_insert(None);
        }
    }

    /// Decides the next step for a poll whose ballots have this version.
    #[must_use]
    pub fn step(&self, before: &Before, newest: i64, now: i64) -> Step {
        if before.unknown {
            Step::Release
        } else {
            self.rule
                .step(before.shown.count.version, newest, before.shown.due, now)
        }
    }

    /// Reads the released count of a poll; `nothing` is its count without votes.
    pub async fn read(&self, id: &str, nothing: &Arc<Count>) -> Result<Before, DbErr> {
        let (known, unknown, text) = match &self.storage {
            Storage::Memory(shown) => {
                let known = lock(shown).get(id).cloned();
                let unknown = known.is_none();
                (known.flatten(), unknown, None)
            }
            Storage::Database(db) => {
                let sql = "SELECT value FROM setting WHERE name = $1";
                let row = db
                    .read()
                    .query_one_raw(statement(db.read(), sql, [format!("{ROW}{id}").into()]))
                    .await?;
                let text: Option<String> = row.map(|row| row.try_get("", "value")).transpose()?;
                let known = text
                    .as_deref()
                    .and_then(|text| serde_json::from_str::<Row<Count>>(text).ok());
                (
                    known.map(|Row { count, due }| Shown {
                        count: Arc::new(count),
                        due,
                    }),
                    false,
                    text,
                )
            }
        };
        let same = |shown: &Shown| {
            shown.count.kind == nothing.kind && texts(&shown.count).eq(texts(nothing))
        };
        let shown = known.filter(same).unwrap_or_else(|| Shown {
            count: Arc::clone(nothing),
            due: None,
        });
        Ok(Before {
            shown,
            unknown,
            text,
        })
    }

    /// Returns how many votes of open polls are released, in one query at most. `polls` has the id and
    /// the number of all votes of each; those whose first votes wait for their release are left out.
    pub async fn released(&self, polls: &[(&str, i64)]) -> Result<HashMap<String, i64>, DbErr> {
        let known: HashMap<String, Option<i64>> = match &self.storage {
            Storage::Memory(shown) => {
                let shown = lock(shown);
                let known = polls.iter().filter_map(|(id, _)| shown.get_key_value(*id));
                known
                    .map(|(id, shown)| {
                        (id.clone(), shown.as_ref().map(|shown| shown.count.ballots))
                    })
                    .collect()
            }
            Storage::Database(db) => {
                let sql = format!(
                    "SELECT substr(name, {}) AS id, CAST(CAST(value AS json) #>> '{{count,ballots}}' AS BIGINT) AS ballots
                     FROM setting WHERE name IN ({})",
                    ROW.len() + 1,
                    places(1, polls.len())
                );
                let names = polls.iter().map(|(id, _)| format!("{ROW}{id}").into());
                let rows = db
                    .read()
                    .query_all_raw(statement(db.read(), &sql, names))
                    .await?;
                rows.iter()
                    .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "ballots")?)))
                    .collect::<Result<_, DbErr>>()?
            }
        };
        // Votes whose count was never read are older than this process. In the database, the first reader
        // releases them if they are enough.
        let unread = |all: i64| match &self.storage {
            Storage::Memory(_) => Some(all),
            Storage::Database(_) => (all == 0 || all >= self.rule.votes).then_some(all),
        };
        let released = polls.iter().filter_map(|(id, all)| {
            let votes = known.get(*id).copied().unwrap_or_else(|| unread(*all))?;
            Some(((*id).to_owned(), votes))
        });
        Ok(released.collect())
    }

    /// Replaces the released count; returns `false` if it was changed since `before` was read.
    pub async fn replace(&self, id: &str, before: Before, after: &Shown) -> Result<bool, DbErr> {
        match &self.storage {
            Storage::Memory(shown) => {
                let mut shown = lock(shown);
                if shown.len() >= MAX_ENTRIES {
                    shown.retain(|_, shown| shown.as_ref().is_none_or(|shown| shown.due.is_some()));
                }
                shown.insert(id.to_owned(), Some(after.clone()));
                Ok(true)
            }
            Storage::Database(db) => {
                let after = serde_json::to_string(&Row {
                    count: &*after.count,
                    due: after.due,
                });
                let after = after.map_err(|error| DbErr::Custom(error.to_string()))?;
                let (sql, values) = match before.text {
                    None => (
                        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                        vec![],
                    ),
                    Some(before) => (
                        "UPDATE setting SET value = $2 WHERE name = $1 AND value = $3",
                        vec![before.into()],
                    ),
                };
                let values = [format!("{ROW}{id}").into(), after.into()]
                    .into_iter()
                    .chain(values);
                Ok(execute(db.write(), sql, values).await? == 1)
            }
        }
    }

    /// Removes a poll that is no longer open from memory.
    pub fn forget(&self, id: &str) {
        if let Storage::Memory(shown) = &self.storage {
            lock(shown).remove(id);
        }
    }
}

/// Deletes the stored counts of polls that have closed or are gone.
pub async fn forget_closed(db: &Db) -> Result<(), DbErr> {
    let sql = "DELETE FROM setting WHERE name LIKE $1 || '%'
               AND NOT EXISTS (SELECT 1 FROM poll WHERE sealing_state = 'not_started' AND setting.name = $1 || public_id)";
    execute(db.write(), sql, [ROW.into()]).await.map(drop)
}

fn texts(count: &Count) -> impl Iterator<Item = (i64, &str)> {
    count
        .rows
        .iter()
        .map(|row| (row.position, row.text.as_str()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "release_tests.rs"]
mod tests;
