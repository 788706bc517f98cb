//! When new votes may be seen. The count that people see stands still until five votes are new, or for a random two to six seconds after
//! the first of them was noticed, whichever is sooner. So no change of the results says when, to the moment, one person voted how.
//!
//! All instances show the same: on PostgreSQL what is shown lies in the database, and one conditional statement decides who changes it.
//! On SQLite one process serves the site, and keeps it in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use serde::{Deserialize, Serialize};

use crate::platform::crypto::random;
use crate::platform::db::{Db, execute, statement};
use crate::polls::model::counting::count::Count;

/// What the name of a row begins with that holds what is shown of a poll.
const ROW: &str = "released ";
/// How many polls are kept in memory at most, but for those with votes that wait.
const KEPT: usize = 4_096;

/// When votes are released. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// With so many new votes, at once.
    pub votes: i64,
    /// With fewer, not before.
    pub soonest: i64,
    /// With fewer, not later, if the process lives.
    pub latest: i64,
    /// How late a release may come. One that comes later would show the vote of this very moment together with an old one, so its wait
    /// begins again.
    pub lateness: i64,
}

impl Rule {
    /// The rule of every site.
    pub const PUBLIC: Self = Self {
        votes: 5,
        soonest: 2_000,
        latest: 6_000,
        lateness: 1_500,
    };
    /// Each vote at once: for tests of something else.
    pub const AT_ONCE: Self = Self {
        votes: 1,
        soonest: 0,
        latest: 0,
        lateness: 0,
    };

    /// What to do about a poll of which this version is shown, at this time.
    fn step(self, shown: i64, newest: i64, due: Option<i64>, now: i64) -> Step {
        match due {
            _ if newest == shown => Step::Stay,
            // Fewer than there were: somebody has put an old database in place.
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

/// What to do about a poll.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// What is shown stays.
    Stay,
    /// There are new votes, which show at this time.
    WaitUntil(i64),
    /// All votes show from now on.
    Release,
}

/// What everybody sees of a poll.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The count.
    pub count: Arc<Count>,
    /// When votes that are not in it will be, if there are any.
    pub due: Option<i64>,
}

/// The same, as it lies in the database.
#[derive(Serialize, Deserialize)]
struct Row<C> {
    count: C,
    due: Option<i64>,
}

/// What is shown of each poll.
#[derive(Debug)]
pub struct Releases {
    /// The rule.
    pub rule: Rule,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    /// Nothing, for a poll in which there were votes before anybody looked.
    Memory(Mutex<HashMap<String, Option<Shown>>>),
    Database(Db),
}

/// What was read, and how it stood there, to be changed only if it still does.
#[derive(Debug)]
pub struct Before {
    /// What is shown.
    pub shown: Shown,
    /// Nothing is known of a poll in memory before the first look: whatever is in it then was there before this process.
    unknown: bool,
    text: Option<String>,
}

impl Releases {
    /// Nothing is shown yet.
    #[must_use]
    pub fn new(db: &Db, rule: Rule) -> Self {
        let kept = match db.backend() {
            DbBackend::Postgres => Kept::Database(db.clone()),
            _ => Kept::Memory(Mutex::default()),
        };
        Self { rule, kept }
    }

    /// Notes that there was a vote in a poll, before anybody has looked.
    pub fn voted(&self, id: &str) {
        if let Kept::Memory(shown) = &self.kept {
            lock(shown).entry(id.to_owned()).or_insert(None);
        }
    }

    /// Returns what to do about a poll whose ballots have this version.
    #[must_use]
    pub fn step(&self, before: &Before, newest: i64, now: i64) -> Step {
        if before.unknown {
            Step::Release
        } else {
            self.rule
                .step(before.shown.count.version, newest, before.shown.due, now)
        }
    }

    /// Reads what is shown of a poll, which was `nothing` in the beginning.
    pub async fn read(&self, id: &str, nothing: &Arc<Count>) -> Result<Before, DbErr> {
        let (known, unknown, text) = match &self.kept {
            Kept::Memory(shown) => {
                let known = lock(shown).get(id).cloned();
                let unknown = known.is_none();
                (known.flatten(), unknown, None)
            }
            Kept::Database(db) => {
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

    /// Shows something else from now on; false if somebody else was quicker.
    pub async fn replace(&self, id: &str, before: Before, after: &Shown) -> Result<bool, DbErr> {
        match &self.kept {
            Kept::Memory(shown) => {
                let mut shown = lock(shown);
                if shown.len() >= KEPT {
                    shown.retain(|_, shown| shown.as_ref().is_none_or(|shown| shown.due.is_some()));
                }
                shown.insert(id.to_owned(), Some(after.clone()));
                Ok(true)
            }
            Kept::Database(db) => {
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

    /// Forgets what was shown of a poll that is not open any more.
    pub fn forget(&self, id: &str) {
        if let Kept::Memory(shown) = &self.kept {
            lock(shown).remove(id);
        }
    }
}

/// Forgets, in the database, what was shown of polls that have closed or are gone.
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
mod tests {
    use super::*;

    #[test]
    fn five_votes_are_shown_at_once_and_fewer_when_their_time_has_come() {
        let rule = Rule::PUBLIC;
        assert_eq!(rule.step(7, 7, None, 0), Step::Stay);
        assert_eq!(rule.step(7, 12, None, 0), Step::Release);
        assert_eq!(rule.step(7, 12, Some(3_000), 0), Step::Release);
        assert_eq!(rule.step(7, 11, Some(3_000), 2_999), Step::Stay);
        assert_eq!(rule.step(7, 11, Some(3_000), 3_000), Step::Release);
        assert_eq!(rule.step(7, 3, None, 0), Step::Release);
        // Whoever comes much later than it was due waits again: the last vote may be of this moment.
        assert!(matches!(
            rule.step(7, 9, Some(3_000), 60_000),
            Step::WaitUntil(_)
        ));
    }

    #[test]
    fn the_wait_is_two_to_six_seconds_and_never_the_same() {
        let waits: Vec<i64> = (0..1_000)
            .map(|_| match Rule::PUBLIC.step(0, 1, None, 100_000) {
                Step::WaitUntil(due) => due - 100_000,
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(waits.iter().all(|wait| (2_000..=6_000).contains(wait)));
        let before = |end: i64| waits.iter().filter(|wait| **wait < end).count();
        assert!(
            (150..350).contains(&before(3_000)) && (400..600).contains(&before(4_000)),
            "{} {}",
            before(3_000),
            before(4_000)
        );
        assert!(
            waits
                .iter()
                .collect::<std::collections::BTreeSet<_>>()
                .len()
                > 800
        );
    }
}
