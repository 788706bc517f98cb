//! A poll in the lists of admins.

use serde::{Deserialize, Serialize};

use crate::polls::model::poll::State;

/// A poll, as those who look after the site see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModeratedPoll {
    /// The id in its address.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// More about it.
    pub description: String,
    /// What can be chosen; only where one poll is looked at.
    pub choices: Vec<String>,
    /// Who made it; none where that account is gone.
    pub owner: Option<String>,
    /// Where it stands.
    pub state: State,
    /// When voting begins, in seconds since 1970.
    pub opens_at: i64,
    /// When voting ends.
    pub closes_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// Why it was taken down.
    pub hidden: Option<String>,
}

/// A page of the site's polls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModeratedPolls {
    /// The polls, newest first.
    pub polls: Vec<ModeratedPoll>,
    /// What `page` must be to go on; none on the last page.
    pub next_page: Option<String>,
}
