//! Remembers who has voted in which poll, so that a reader who was here a moment ago costs no
//! database query.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::{DbBackend, DbErr};
use tokio::time::Instant;

use crate::accounts::viewer::Viewer;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::votes::{has_voted, is_mobile, marks_of, number_of};

/// Maximum number of polls, and of voters in a poll; cleared when full.
const MAX_ENTRIES: usize = 4_096;
/// How long an entry is fresh on SQLite, where no other process votes.
const ALONE: Duration = Duration::from_mins(10);

/// What a poll's page says about its viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Participation {
    /// Whether the viewer has voted.
    pub(super) voted: bool,
    /// Whether the number's country may not vote.
    pub(super) foreign: bool,
    /// Whether the number is a landline.
    pub(super) landline: bool,
}

/// A viewer: the account's ID, and the HMAC of the number verified in this session.
type VoterKey = (i64, Option<Vec<u8>>);

/// Voters by poll.
#[derive(Debug)]
pub(super) struct Voters {
    ttl: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Counts what was forgotten. An answer that was read before its poll was forgotten is not
    /// stored after it.
    forgotten: u64,
    /// The count when everything was forgotten.
    cleared_at: u64,
    polls: HashMap<String, PollVoters>,
}

#[derive(Debug, Default)]
struct PollVoters {
    /// The count when this poll was forgotten.
    forgotten_at: u64,
    voters: HashMap<VoterKey, (Participation, Instant)>,
}

impl Voters {
    /// Creates an empty cache. Other processes' changes show within `lasts`.
    pub(super) fn new(db: &Db, lasts: Duration) -> Self {
        let alone = db.backend() == DbBackend::Sqlite && !lasts.is_zero();
        Self {
            ttl: if alone { ALONE } else { lasts },
            known: Mutex::default(),
        }
    }

    /// Returns whether the viewer has voted in a poll, and whether they may.
    pub(super) async fn participation(
        &self,
        db: &Db,
        keys: &Keys,
        viewer: &Viewer,
        stored: &StoredPoll,
    ) -> Result<Participation, DbErr> {
        let Some(person) = viewer.person() else {
            return Ok(Participation::default());
        };
        let verified = matches!(viewer, Viewer::Verified(_));
        let number = person.number.as_ref().filter(|_| verified);
        let key = (person.id, number.map(|number| number.mac.clone()));
        let poll = &stored.poll;
        if let Some(known) = self.get(&poll.id, &key) {
            return Ok(known);
        }
        let reading = self.known().forgotten;
        let number = number_of(keys, viewer);
        let marks = number.as_ref().map_or_else(Vec::new, |number| {
            marks_of(keys, stored.row, &poll.id, number)
        });
        let account = poll
            .per_account
            .then(|| (stored.row, keys.voting_account(&poll.id, person.id)));
        let found = Participation {
            voted: has_voted(db.read(), &marks, account).await?,
            foreign: number.as_ref().is_some_and(|number| !poll.takes(number)),
            landline: number.as_ref().is_some_and(|number| !is_mobile(number)),
        };
        self.put(&poll.id, key, found, reading);
        Ok(found)
    }

    fn get(&self, poll: &str, key: &VoterKey) -> Option<Participation> {
        let (known, read_at) = *self.known().polls.get(poll)?.voters.get(key)?;
        (read_at.elapsed() < self.ttl).then_some(known)
    }

    fn put(&self, poll: &str, key: VoterKey, found: Participation, reading: u64) {
        let mut known = self.known();
        if known.cleared_at > reading {
            return;
        }
        let voters = known.poll(poll);
        if voters.forgotten_at > reading {
            return;
        }
        if voters.voters.len() >= MAX_ENTRIES {
            voters.voters.clear();
        }
        voters.voters.insert(key, (found, Instant::now()));
    }

    /// Forgets who had not voted in a poll: it has new votes.
    pub(super) fn voted(&self, poll: &str) {
        self.known()
            .forget(poll)
            .retain(|_, (known, _)| known.voted);
    }

    /// Forgets a poll's voters: it was changed.
    pub(super) fn forget(&self, poll: &str) {
        self.known().forget(poll).clear();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn poll(&mut self, id: &str) -> &mut PollVoters {
        if self.polls.len() >= MAX_ENTRIES && !self.polls.contains_key(id) {
            self.polls.clear();
            self.forgotten += 1;
            self.cleared_at = self.forgotten;
        }
        self.polls.entry(id.to_owned()).or_default()
    }

    fn forget(&mut self, id: &str) -> &mut HashMap<VoterKey, (Participation, Instant)> {
        self.forgotten += 1;
        let now = self.forgotten;
        let poll = self.poll(id);
        poll.forgotten_at = now;
        &mut poll.voters
    }
}

#[cfg(test)]
#[path = "voters_tests.rs"]
mod tests;
