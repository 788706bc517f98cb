//! The format of the recount bundle.

use serde::{Deserialize, Serialize};

use crate::polls::model::counting::count::{Count, Round, Steps};
use crate::polls::model::draw;
use crate::polls::model::kind::{BallotKind, Kind};
use crate::polls::model::poll::{Choice, Poll, ResultsRule};

/// The format of the file, with the rule by which its ballots are counted.
pub const FORMAT: &str = "pollstr bundle 1";
/// The format of rankings and ratings with a seed, in whose counts a draw may have decided.
pub const FORMAT_WITH_SEED: &str = draw::FORMAT;

/// Polls with fewer voters do not list their ballots, since each could be guessed.
pub const FEW: i64 = 5;

/// The properties of a poll that are frozen when it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenPoll {
    /// The id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The description.
    pub description: String,
    /// The ballot type.
    pub kind: Kind,
    /// The choices, in order.
    pub choices: Vec<Choice>,
    /// When voting began, in seconds since 1970.
    pub opens_at: i64,
    /// When voting ended.
    pub closes_at: Option<i64>,
    /// Who could see the results, and when.
    pub results: ResultsRule,
    /// Whether ballots could be changed.
    pub changeable: bool,
    /// Whether complete rankings or ratings are published.
    pub rankings: bool,
    /// The calling codes whose numbers could vote; empty for all.
    pub countries: Vec<String>,
    /// Whether only mobile numbers could vote. Omitted if false, as in bundles older than the
    /// option.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mobile_only: bool,
    /// Whether each account also had only one vote; omitted if false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_account: bool,
    /// The SHA-256 of the seed, published while the poll was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<String>,
    /// Whether everyone saw how many had voted while results were hidden; omitted if false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub turnout: bool,
}

/// The counted result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The number of ballots.
    pub ballots: i64,
    /// Votes by choice; first preferences in a ranked poll, totals in a rated one.
    pub votes: Vec<Votes>,
    /// The rounds of a ranked poll.
    pub rounds: Vec<Round>,
    /// The positions of the winners.
    pub winners: Vec<i64>,
    /// How the winners were found, if by more than votes or rounds.
    #[serde(flatten)]
    pub steps: Steps,
}

/// The votes of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// The choice's position.
    pub choice: i64,
    /// The number of votes.
    pub votes: i64,
}

/// Why ballots are omitted from the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OmitReason {
    /// Too few ballots: each could be guessed.
    FewVoters,
    /// Complete rankings can identify voters, and the organiser did not choose to publish them.
    Rankings,
    /// The same of complete ratings.
    Ratings,
}

impl FrozenPoll {
    /// Returns the part of a poll that cannot change once it has opened.
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
            draw,
            turnout,
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
            draw,
            turnout,
        }
    }

    /// Returns why this many ballots of the poll are not listed, if so.
    #[must_use]
    pub fn omit_reason(&self, ballots: i64) -> Option<OmitReason> {
        if ballots < FEW {
            return Some(OmitReason::FewVoters);
        }
        match self.kind.ballot() {
            _ if self.rankings => None,
            BallotKind::Marks { .. } => None,
            BallotKind::Ranking => Some(OmitReason::Rankings),
            BallotKind::Rating => Some(OmitReason::Ratings),
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
            steps: count.steps.clone(),
        }
    }
}
