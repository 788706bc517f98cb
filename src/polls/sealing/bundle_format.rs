//! The format of the recount file.

use serde::{Deserialize, Serialize};

use crate::polls::model::counting::count::{Count, Round};
use crate::polls::model::poll::{Choice, Kind, Poll, ResultsRule};

/// What the file says of itself.
pub const FORMAT: &str = "pollstr bundle 1";

/// Polls with fewer voters do not list their ballots: each could be guessed.
pub const FEW: i64 = 5;

/// What a poll asks, as it was frozen when it opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The id in its address.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// More about it.
    pub description: String,
    /// How it is voted in.
    pub kind: Kind,
    /// What can be chosen, in order.
    pub choices: Vec<Choice>,
    /// When voting began, in seconds since 1970.
    pub opens_at: i64,
    /// When voting ended.
    pub closes_at: Option<i64>,
    /// Who could see the results, and when.
    pub results: ResultsRule,
    /// Whether ballots could be changed.
    pub changeable: bool,
    /// Whether whole rankings are published.
    pub rankings: bool,
    /// The calling codes whose numbers could vote; none for all.
    pub countries: Vec<String>,
    /// Whether landlines had no vote. Where they had, it is left out, as in all bundles of before there was a choice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mobile_only: bool,
    /// Whether an account had one vote, too, whatever numbers it had; left out where it had not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_account: bool,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many ballots there are.
    pub ballots: i64,
    /// What each choice has; the first choices, where ballots are rankings.
    pub votes: Vec<Votes>,
    /// The rounds of a run-off.
    pub rounds: Vec<Round>,
    /// Who has won, by position.
    pub winners: Vec<i64>,
}

/// What a choice has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// The choice's position.
    pub choice: i64,
    /// Its votes.
    pub votes: i64,
}

/// Why ballots are not in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// There are too few, and each could be guessed.
    FewVoters,
    /// Whole rankings may tell who voted, and the organiser did not choose to publish them.
    Rankings,
}

impl Frozen {
    /// The part of a poll that cannot change once it has opened.
    #[must_use]
    pub fn of(poll: &Poll) -> Self {
        let Poll {
            id,
            question,
            description,
            kind,
            results,
            choices,
            opens_at,
            closes_at,
            changeable,
            rankings,
            countries,
            mobile_only,
            per_account,
            ..
        } = poll.clone();
        Self {
            id,
            question,
            description,
            kind,
            choices,
            opens_at,
            closes_at,
            results,
            changeable,
            rankings,
            countries,
            mobile_only,
            per_account,
        }
    }

    /// Why so many ballots of this poll are not listed, if so.
    #[must_use]
    pub fn left_out(&self, ballots: i64) -> Option<LeftOut> {
        match self.kind {
            _ if ballots < FEW => Some(LeftOut::FewVoters),
            Kind::Ranked if !self.rankings => Some(LeftOut::Rankings),
            _ => None,
        }
    }
}

impl From<&Count> for Counted {
    fn from(count: &Count) -> Self {
        Self {
            ballots: count.ballots,
            votes: count
                .rows
                .iter()
                .map(|row| Votes {
                    choice: row.position,
                    votes: row.votes,
                })
                .collect(),
            rounds: count.rounds.clone(),
            winners: count
                .rows
                .iter()
                .filter(|row| row.leads)
                .map(|row| row.position)
                .collect(),
        }
    }
}
