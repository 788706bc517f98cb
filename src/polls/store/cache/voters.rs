//! Remembers who has voted in which poll, so that a reader who was here a moment ago costs no
//! database query.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::Instant;

use crate::accounts::viewer::Viewer;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::votes::{account_marks, has_voted, is_mobile, marks, marks_of, number_of};

/// Maximum number of polls, and of voters in a poll; cleared when full.
const MAX_ENTRIES: usize = 4_096;

/// What a poll's page says about its viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Participation {
    /// Whether the viewer has voted.
    pub(crate) voted: bool,
    /// Whether the number's country may not vote.
    pub(crate) foreign: bool,
    /// Whether the number is a landline.
    pub(crate) landline: bool,
}

/// What is remembered of a viewer in a poll.
#[derive(Clone, Copy, Debug)]
struct Voter {
    voted: bool,
    /// Whether the number is foreign to the poll, and whether it is a landline.
    number: Option<(bool, bool)>,
    /// When it was read. In a poll that was not read since, it counts while it is fresh.
    read_at: Instant,
}

/// A viewer: the account's ID, and the HMAC of the number verified in this session.
type VoterKey = (i64, Option<Vec<u8>>);

/// Voters by poll.
#[derive(Debug)]
pub(crate) struct Voters {
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
    /// The version of the poll's votes, and its countries, when it was last read.
    version: i64,
    countries: Vec<String>,
    voters: HashMap<VoterKey, Voter>,
}

impl Voters {
    /// Creates an empty cache whose entries are fresh for `ttl`: so long may it take to see a vote of
    /// another process, and one whose commit failed and was stored all the same.
    pub(super) fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            known: Mutex::default(),
        }
    }

    /// Returns whether the viewer has voted in a poll, and whether they may.
    pub(crate) async fn participation(
        &self,
        db: &Db,
        keys: &Keys,
        viewer: &Viewer,
        stored: &StoredPoll,
    ) -> Result<Participation, DbErr> {
        let Some(key) = key_of(viewer) else {
            return Ok(Participation::default());
        };
        let poll = &stored.poll;
        if let Some(Voter {
            voted,
            number: Some((foreign, landline)),
            ..
        }) = self.known().voter(&poll.id, &key)
        {
            return Ok(Participation {
                voted,
                foreign,
                landline,
            });
        }
        let reading = self.known().forgotten;
        let number = number_of(keys, viewer);
        let marks = number.as_ref().map_or_else(Vec::new, |number| {
            marks_of(keys, stored.row, &poll.id, number)
        });
        let account = poll
            .per_account
            .then(|| (stored.row, keys.voting_account(&poll.id, key.0)));
        let voted = has_voted(db.read(), &marks, account).await?;
        let number = number.as_ref();
        let foreign = number.is_some_and(|number| !poll.takes(number));
        let landline = number.is_some_and(|number| !is_mobile(number));
        self.put(&poll.id, key, voted, Some((foreign, landline)), reading);
        Ok(Participation {
            voted,
            foreign,
            landline,
        })
    }

    /// Returns in which of these polls, by row and public id, a verified viewer has voted.
    pub(crate) async fn voted_in(
        &self,
        db: &Db,
        keys: &Keys,
        viewer: &Viewer,
        polls: &[(i64, &str)],
    ) -> Result<HashSet<i64>, DbErr> {
        let Some((key, number)) = key_of(viewer).zip(number_of(keys, viewer)) else {
            return Ok(HashSet::new());
        };
        let reading = self.known().forgotten;
        let (mut voted, mut unknown) = (HashSet::new(), Vec::new());
        for &(row, id) in polls {
            match self.get(id, &key) {
                Some(known) => voted.extend(known.voted.then_some(row)),
                None => unknown.push((row, id)),
            }
        }
        let numbers: Vec<_> = unknown
            .iter()
            .flat_map(|(row, id)| marks_of(keys, *row, id, &number))
            .collect();
        let accounts: Vec<_> = unknown
            .iter()
            .map(|(row, id)| (*row, keys.voting_account(id, key.0)))
            .collect();
        let found = marks(db.read(), &numbers)
            .await?
            .into_iter()
            .chain(account_marks(db.read(), &accounts).await?);
        voted.extend(found.map(|(row, _)| row));
        for (row, id) in unknown {
            self.put(id, key.clone(), voted.contains(&row), None, reading);
        }
        Ok(voted)
    }

    /// Returns what is remembered in a poll that was not read just now.
    fn get(&self, poll: &str, key: &VoterKey) -> Option<Voter> {
        let voter = self.known().voter(poll, key)?;
        (voter.voted || voter.read_at.elapsed() < self.ttl).then_some(voter)
    }

    fn put(
        &self,
        poll: &str,
        key: VoterKey,
        voted: bool,
        number: Option<(bool, bool)>,
        reading: u64,
    ) {
        let mut known = self.known();
        if known.cleared_at > reading {
            return;
        }
        let poll = known.poll(poll);
        if poll.forgotten_at > reading {
            return;
        }
        if poll.voters.len() >= MAX_ENTRIES {
            poll.voters.clear();
        }
        let read_at = Instant::now();
        let entry = poll.voters.entry(key).or_insert(Voter {
            voted,
            number: None,
            read_at,
        });
        // A mark is never removed, so an older answer does not undo a newer one.
        (entry.voted, entry.read_at) = (entry.voted | voted, read_at);
        entry.number = number.or(entry.number);
    }

    /// Takes note of a poll that was just read: forgets who had not voted if it has new votes, and
    /// everyone if it is for other countries now.
    pub(super) fn poll_read(&self, poll: &str, version: i64, countries: &[String]) {
        let mut known = self.known();
        let last = known.poll(poll);
        let (same_votes, same_countries) = (last.version == version, last.countries == countries);
        if !same_countries {
            last.countries = countries.to_vec();
        }
        last.version = version;
        if !same_votes || !same_countries {
            known
                .forget(poll)
                .retain(|_, voter| voter.voted && same_countries);
        }
    }

    /// Forgets who had not voted in a poll: it has new votes.
    pub(super) fn voted(&self, poll: &str) {
        self.known().forget(poll).retain(|_, voter| voter.voted);
    }

    /// Forgets a poll's voters: it was changed.
    pub(super) fn forget(&self, poll: &str) {
        self.known().forget(poll).clear();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the key of a viewer who is logged in.
fn key_of(viewer: &Viewer) -> Option<VoterKey> {
    let person = viewer.person()?;
    let verified = matches!(viewer, Viewer::Verified(_));
    let number = person.number.as_ref().filter(|_| verified);
    Some((person.id, number.map(|number| number.mac.clone())))
}

impl Known {
    fn voter(&self, poll: &str, key: &VoterKey) -> Option<Voter> {
        self.polls.get(poll)?.voters.get(key).copied()
    }

    fn poll(&mut self, id: &str) -> &mut PollVoters {
        if self.polls.len() >= MAX_ENTRIES && !self.polls.contains_key(id) {
            self.polls.clear();
            self.forgotten += 1;
            self.cleared_at = self.forgotten;
        }
        self.polls.entry(id.to_owned()).or_default()
    }

    fn forget(&mut self, id: &str) -> &mut HashMap<VoterKey, Voter> {
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
