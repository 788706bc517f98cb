//! A poll, as pages know it.

use serde::{Deserialize, Serialize};

/// A poll and its choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// The short random id in its address.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// More about it; may be empty.
    pub description: String,
    /// How it is voted in.
    pub kind: Kind,
    /// Who may see the results, and when.
    pub results: ResultsRule,
    /// What can be chosen, in order.
    pub choices: Vec<Choice>,
    /// When voting begins, in seconds since 1970.
    pub opens_at: i64,
    /// When voting ends; never, where there is none.
    pub closes_at: Option<i64>,
    /// The time zone in which its organiser chose these times.
    pub zone: String,
    /// Where it stands now.
    pub state: State,
    /// Whether it is in the lists; otherwise only whoever has the link finds it.
    pub listed: bool,
    /// Whether whoever has voted may change the ballot.
    pub changeable: bool,
    /// Whether each voter sees the choices in an order of their own.
    pub shuffled: bool,
    /// Whether whole rankings are published after the close.
    pub rankings: bool,
    /// The calling codes whose numbers may vote, such as `44`; empty for all.
    pub countries: Vec<String>,
    /// Whether numbers of landlines have no vote.
    pub mobile_only: bool,
    /// Whether an account has one vote, too, whatever numbers it has.
    pub per_account: bool,
}

impl Poll {
    /// The address of the poll.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.id)
    }

    /// Whether a number may vote here.
    #[must_use]
    pub fn takes(&self, e164: &str) -> bool {
        takes(&self.countries, e164)
    }
}

/// Whether a number is of one of these calling codes; none means all. No calling code begins like another, so a look at the start is
/// enough.
#[must_use]
pub fn takes(countries: &[String], e164: &str) -> bool {
    let digits = e164.trim_start_matches('+');
    countries.is_empty()
        || countries
            .iter()
            .any(|code| digits.starts_with(code.as_str()))
}

/// The address of the poll of this id.
#[must_use]
pub fn path(id: &str) -> String {
    format!("/polls/{id}")
}

/// One thing that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its place, from 1; what a ballot says.
    pub position: i64,
    /// Its words.
    pub text: String,
}

/// How a poll is voted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One choice.
    Single,
    /// Several choices.
    Multiple {
        /// How many at most.
        most: i64,
    },
    /// The choices in order of preference.
    Ranked,
}

impl Kind {
    /// How it stands in its column, beside `most`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple { .. } => "multiple",
            Self::Ranked => "ranked",
        }
    }

    /// The kind of this word; `most` counts where there may be several choices.
    #[must_use]
    pub fn of(word: &str, most: i64) -> Option<Self> {
        match word {
            "single" => Some(Self::Single),
            "multiple" => Some(Self::Multiple { most }),
            "ranked" => Some(Self::Ranked),
            _ => None,
        }
    }
}

/// Who may see the results, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultsRule {
    /// Everybody, at any time.
    Always,
    /// Whoever has voted, and everybody once it is closed.
    AfterVote,
    /// Everybody, once it is closed.
    AfterClose,
}

impl ResultsRule {
    /// How it stands in its column.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::AfterVote => "after_vote",
            Self::AfterClose => "after_close",
        }
    }

    /// The rule of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Always, Self::AfterVote, Self::AfterClose]
            .into_iter()
            .find(|rule| rule.word() == word)
    }
}

/// Where a poll stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its owner is still writing it.
    Draft,
    /// Voting has not begun.
    NotOpenYet,
    /// Votes are taken.
    Open,
    /// Voting has ended.
    Closed,
}

impl State {
    /// Where a poll stands: a draft, whatever its times say, until it is published.
    #[must_use]
    pub fn of(draft: bool, opens_at: i64, closes_at: Option<i64>, now: i64) -> Self {
        if draft {
            Self::Draft
        } else {
            Self::at(opens_at, closes_at, now)
        }
    }

    /// Where a poll with these times stands at this time: open from the first second, closed from the last.
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
