//! A poll as one viewer sees it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::polls::model::poll::{Poll, ResultsRule, State};

/// A poll as one viewer sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PollView {
    /// The poll.
    pub poll: Arc<Poll>,
    /// Whether this viewer has voted; `false` if the viewer isn't verified.
    pub voted: bool,
    /// Whether the viewer's number is from a country that may not vote.
    pub foreign: bool,
    /// Whether the viewer's number is a landline.
    pub landline: bool,
    /// Whether the viewer is the poll's organiser.
    pub owner: bool,
    /// Why an admin took the poll down; only its organiser gets to see this.
    pub hidden: Option<String>,
}

impl PollView {
    /// Whether the viewer, once verified, can vote now or change their vote.
    #[must_use]
    pub fn may_vote(&self) -> bool {
        self.poll.state == State::Open
            && self.hidden.is_none()
            && self.ineligible_reason().is_none()
            && (!self.voted || self.poll.changeable)
    }

    /// Returns why the viewer's number can't vote in this poll, if it can't.
    #[must_use]
    pub fn ineligible_reason(&self) -> Option<String> {
        if self.foreign {
            return Some(foreign(&self.poll));
        }
        (self.landline && self.poll.mobile_only).then(|| LANDLINE_MESSAGE.to_owned())
    }

    /// Whether the viewer is the organiser and may preview the ballot before voting begins.
    #[must_use]
    pub fn can_preview(&self) -> bool {
        self.owner && matches!(self.poll.state, State::Draft | State::NotOpenYet)
    }

    /// Whether the viewer is told how many have voted: while the poll is open and its results are
    /// hidden from some, and for others than the organiser only if the poll says so.
    #[must_use]
    pub fn turnout_shown(&self) -> bool {
        self.poll.state == State::Open
            && self.poll.results != ResultsRule::Always
            && (self.owner || self.poll.turnout)
    }

    /// Whether the viewer may see the results now.
    #[must_use]
    pub fn results_open(&self) -> bool {
        self.poll.results_open(self.voted)
    }
}

/// Message for voters with a landline in a poll for mobile numbers only.
pub(crate) const LANDLINE_MESSAGE: &str = "Only mobile numbers can vote in this poll.";

/// Message for voters whose number is from another country, listing the calling codes that may
/// vote.
pub(crate) fn foreign(poll: &Poll) -> String {
    let codes: Vec<String> = poll
        .countries
        .iter()
        .map(|code| format!("+{code}"))
        .collect();
    format!(
        "Only phone numbers starting with {} can vote in this poll.",
        codes.join(" or ")
    )
}
