//! The poll type shared by pages, stores and the JSON API.

use serde::{Deserialize, Serialize};

use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;

/// A poll and its choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The short random id in the poll's URL.
    pub id: String,
    /// The question.
    pub question: String,
    /// A longer description; may be empty.
    pub description: String,
    /// The voting method.
    pub kind: Kind,
    /// Who may see the results, and when.
    pub results: ResultsRule,
    /// The choices, in order.
    pub choices: Vec<Choice>,
    /// What the organiser corrected while voting was open, earliest first.
    #[serde(default)]
    pub corrections: Vec<Correction>,
    /// When voting begins, in Unix seconds.
    pub opens_at: i64,
    /// When voting ends, in Unix seconds; `None` without a closing time.
    pub closes_at: Option<i64>,
    /// The time zone in which the organiser entered these times.
    pub zone: String,
    /// The current state.
    pub state: State,
    /// Whether the poll is listed; an unlisted poll is found by its link only.
    pub listed: bool,
    /// Whether voters may change their ballot.
    pub changeable: bool,
    /// Whether the order of the choices differs from voter to voter.
    pub shuffled: bool,
    /// Whether complete rankings or ratings are published after the close.
    pub rankings: bool,
    /// Calling codes whose numbers may vote, such as `44`; empty for all.
    pub countries: Vec<String>,
    /// Whether only mobile numbers may vote.
    pub mobile_only: bool,
    /// Whether each account also has only one vote, whichever numbers it has had.
    pub per_account: bool,
    /// The SHA-256 of the seed of the draw that decides ties in a ranking or a final; `None` if the order of
    /// the choices does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<String>,
    /// Whether everyone sees how many have voted while results are hidden.
    pub turnout: bool,
}

impl Poll {
    /// Whether somebody who has voted, or not, may see the results now.
    #[must_use]
    pub fn results_open(&self, voted: bool) -> bool {
        match self.results {
            ResultsRule::Always => true,
            ResultsRule::AfterVote => voted || self.state == State::Closed,
            ResultsRule::AfterClose => self.state == State::Closed,
        }
    }

    /// The texts of the choices, in order.
    #[must_use]
    pub fn choice_texts(&self) -> Vec<String> {
        self.choices
            .iter()
            .map(|choice| choice.text.clone())
            .collect()
    }

    /// How votes are counted, in one line; `None` for a poll with one choice or a few.
    #[must_use]
    pub fn counted_by(&self) -> Option<String> {
        let approval = self.kind.is_approval(self.choices.len());
        let approval = approval.then(|| APPROVAL.to_owned());
        approval.or_else(|| self.kind.counted_by())
    }

    /// How ties are decided in a ranking or a final.
    #[must_use]
    pub fn tie_rule(&self) -> TieRule {
        TieRule::of(self.draw.is_some())
    }

    /// The path of the poll page.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.id)
    }

    /// Whether this number's country may vote.
    #[must_use]
    pub fn takes(&self, e164: &str) -> bool {
        takes(&self.countries, e164)
    }
}

/// How votes are counted where each voter may choose as many choices as they like.
const APPROVAL: &str =
    "Approval voting: choose every choice you approve of. The one with the most votes wins.";

/// Whether a number has one of these calling codes; an empty list means all. No calling code is a
/// prefix of another, so comparing the first digits is enough.
#[must_use]
pub fn takes(countries: &[String], e164: &str) -> bool {
    let digits = e164.trim_start_matches('+');
    countries.is_empty()
        || countries
            .iter()
            .any(|code| digits.starts_with(code.as_str()))
}

/// The page to create a poll.
pub const NEW_POLL: &str = "/polls/new";

/// The page to write a poll before signing up, below [`NEW_POLL`].
pub const WRITE_FIRST: &str = "/polls/new/draft";

/// The path of the poll page for this id.
#[must_use]
pub fn path(id: &str) -> String {
    format!("/polls/{id}")
}

/// A choice of a poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The position, from 1; this is what a ballot stores.
    pub position: i64,
    /// The text.
    pub text: String,
}

/// The most corrections of a poll. A constraint of the database says the same.
pub const MAX_CORRECTIONS: usize = 3;

/// A correction of the text of a poll, which itself never changes once voting has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// When it was added, in Unix seconds.
    pub at: i64,
    /// The text.
    pub text: String,
}

/// Who may see the results, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultsRule {
    /// Everyone, at any time.
    Always,
    /// Voters once they have voted, and everyone after the close.
    AfterVote,
    /// Everyone, after the close.
    AfterClose,
}

impl ResultsRule {
    /// The value stored in the `results` column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::AfterVote => "after_vote",
            Self::AfterClose => "after_close",
        }
    }

    /// Whether everyone may see the results of a poll in this state, whether or not they voted.
    #[must_use]
    pub fn open_to_all(self, state: State) -> bool {
        self == Self::Always || state == State::Closed
    }

    /// Parses the stored value.
    #[must_use]
    pub fn of(stored: &str) -> Option<Self> {
        [Self::Always, Self::AfterVote, Self::AfterClose]
            .into_iter()
            .find(|rule| rule.as_str() == stored)
    }
}

/// The state of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The organiser hasn't published it yet.
    Draft,
    /// Voting has not begun.
    NotOpenYet,
    /// Voting is open.
    Open,
    /// Voting has ended.
    Closed,
}

impl State {
    /// The state of a poll. A draft stays a draft, whatever its times say, until it is published.
    #[must_use]
    pub fn of(draft: bool, opens_at: i64, closes_at: Option<i64>, now: i64) -> Self {
        if draft {
            Self::Draft
        } else {
            Self::at(opens_at, closes_at, now)
        }
    }

    /// The state of a published poll: open from `opens_at`, closed from `closes_at`.
    #[must_use]
    pub fn at(opens_at: i64, closes_at: Option<i64>, now: i64) -> Self {
        if now < opens_at {
            Self::NotOpenYet
        } else if closes_at.is_some_and(|closes_at| now >= closes_at) {
            Self::Closed
        } else {
            Self::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_open_from_its_first_second_to_the_one_before_its_last() {
        let at = |now| State::at(100, Some(200), now);
        assert_eq!(
            [99, 100, 199, 200].map(at),
            [State::NotOpenYet, State::Open, State::Open, State::Closed]
        );
        assert_eq!(State::at(100, None, i64::MAX), State::Open);
    }
}
