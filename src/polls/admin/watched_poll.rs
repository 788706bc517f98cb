//! Polls as admins see them.

use serde::{Deserialize, Serialize};

use crate::polls::model::poll::{Correction, State};

/// A poll as admins see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModeratedPoll {
    /// The id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The description.
    pub description: String,
    /// The choices; empty in lists.
    pub choices: Vec<String>,
    /// The corrections; empty in lists.
    pub corrections: Vec<Correction>,
    /// The owner's name; `None` if the account is gone.
    pub owner: Option<String>,
    /// The state.
    pub state: State,
    /// When voting begins, in seconds since 1970.
    pub opens_at: i64,
    /// When voting ends.
    pub closes_at: Option<i64>,
    /// When it was created.
    pub created_at: i64,
    /// Why it was taken down.
    pub hidden: Option<String>,
}

/// One page of the site's polls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModeratedPolls {
    /// The polls, newest first.
    pub polls: Vec<ModeratedPoll>,
    /// The `page` value of the next page; `None` on the last.
    pub next_page: Option<String>,
}
