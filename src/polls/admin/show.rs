//! Shows one poll to the operator, with its votes if everyone may see them.

use std::sync::Arc;

use sea_orm::DbErr;

use crate::polls::admin::commands::PollModerator;
use crate::polls::admin::error::ModerationError;
use crate::polls::admin::watched_poll::ModeratedPoll;
use crate::polls::model::poll::{Poll, State};
use crate::polls::model::turnout::Turnout;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::{polls, votes};

/// A poll as the operator sees it.
#[derive(Clone, Debug)]
pub struct PollDetails {
    /// What admins see of it.
    pub poll: ModeratedPoll,
    /// Its rules.
    pub rules: Arc<Poll>,
    /// The SHA-256 of its recount file, once it is sealed.
    pub fingerprint: Option<String>,
    /// How many have voted, as far as everyone may know.
    pub votes: PublicVotes,
}

/// How many have voted in a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicVotes {
    /// Not everyone may see the results now.
    Hidden,
    /// The poll is open: coarse, and up to a minute old, so that it tells of no single vote.
    SoFar(Turnout),
    /// The poll has closed.
    Final(i64),
}

impl PollModerator {
    /// Returns a poll with its rules.
    ///
    /// # Errors
    /// When there is no such poll, or it is a draft.
    pub async fn show(&self, id: &str) -> Result<PollDetails, ModerationError> {
        let poll = self.find(id).await?;
        let stored = polls::find(self.db.read(), id, self.now)
            .await?
            .ok_or_else(|| ModerationError::NotFound(id.to_owned()))?;
        Ok(PollDetails {
            poll,
            votes: self.votes(&stored).await?,
            rules: stored.poll,
            fingerprint: stored.fingerprint,
        })
    }

    async fn votes(&self, stored: &StoredPoll) -> Result<PublicVotes, DbErr> {
        let poll = &stored.poll;
        if !stored.public() || !poll.results.open_to_all(poll.state) {
            return Ok(PublicVotes::Hidden);
        }
        Ok(match poll.state {
            State::Closed => PublicVotes::Final(votes::ballots(self.db.read(), stored.row).await?),
            State::Open => PublicVotes::SoFar(self.cache.turnout(stored).await?.turnout),
            State::Draft | State::NotOpenYet => PublicVotes::Hidden,
        })
    }
}
