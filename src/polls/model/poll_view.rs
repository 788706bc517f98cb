//! A poll as one viewer sees it.

use serde::{Deserialize, Serialize};

use crate::polls::model::poll::{Poll, ResultsRule, State};

/// A poll, as one person sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PollView {
    /// The poll.
    pub poll: Poll,
    /// Whether this person has voted in it; unknown of whoever is not verified.
    pub voted: bool,
    /// Whether this person's number is of a country that may not vote.
    pub foreign: bool,
    /// Whether this person's number is a landline's.
    pub landline: bool,
    /// Whether this person runs the poll.
    pub owner: bool,
    /// Why an administrator took the poll down, told to its owner.
    pub hidden: Option<String>,
}

impl PollView {
    /// Whether this person, once verified, can vote now, or change the vote.
    #[must_use]
    pub fn may_vote(&self) -> bool {
        self.poll.state == State::Open
            && self.hidden.is_none()
            && self.shut_out().is_none()
            && (!self.voted || self.poll.changeable)
    }

    /// Why this person's number cannot vote here, if so.
    #[must_use]
    pub fn shut_out(&self) -> Option<String> {
        if self.foreign {
            return Some(crate::polls::model::poll_view::foreign(&self.poll));
        }
        (self.landline && self.poll.mobile_only)
            .then(|| crate::polls::model::poll_view::LANDLINE.to_owned())
    }

    /// Whether this person runs the poll and may look at its ballot before there is voting.
    #[must_use]
    pub fn may_preview(&self) -> bool {
        self.owner && matches!(self.poll.state, State::Draft | State::NotOpenYet)
    }

    /// Whether the results may be looked at now.
    #[must_use]
    pub fn results_open(&self) -> bool {
        match self.poll.results {
            ResultsRule::Always => true,
            ResultsRule::AfterVote => self.voted || self.poll.state == State::Closed,
            ResultsRule::AfterClose => self.poll.state == State::Closed,
        }
    }
}

/// Told to whoever has a landline, where these have no vote.
pub(crate) const LANDLINE: &str = "Only mobile numbers can vote in this poll.";

/// Whose numbers may vote, told to whoever has another.
pub(crate) fn foreign(poll: &Poll) -> String {
    let codes: Vec<String> = poll
        .countries
        .iter()
        .map(|code| format!("+{code}"))
        .collect();
    format!(
        "Only numbers that begin with {} can vote in this poll.",
        codes.join(" or ")
    )
}
