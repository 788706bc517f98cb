//! Types of the tally and the count.

use serde::{Deserialize, Serialize};

use crate::polls::model::counting::share::Share;
use crate::polls::model::counting::tie_rule::TieRule;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::Poll;
use crate::polls::model::selection::Selection;

/// The stored tally of a poll: the number of ballots, and the votes for each selection. In a ranked
/// poll a selection is a whole ranking, in a rated one a whole rating; otherwise it is a single
/// choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many ballots there are.
    pub ballots: i64,
    /// How many times a ballot was changed.
    pub changes: i64,
    /// Votes by selection; sorted, without duplicates.
    pub votes: Vec<(Selection, i64)>,
}

impl Tally {
    /// A version number that grows with each vote and each change.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.ballots + self.changes
    }
}

/// The counted result of a poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The voting method.
    pub kind: Kind,
    /// How many ballots there are.
    pub ballots: i64,
    /// Grows with each vote and each change, so the count with the higher version is the newer one.
    pub version: i64,
    /// The votes per choice, in the order of the poll; first choices only in a ranked poll, the total
    /// of points in a rated one.
    pub rows: Vec<Row>,
    /// The rounds of the run-off, in a ranked poll.
    pub rounds: Vec<Round>,
    /// How ties are decided in the rounds.
    #[serde(default)]
    pub tie_rule: TieRule,
    /// How the winners were found, if by more than votes or rounds.
    #[serde(flatten)]
    pub steps: Steps,
}

/// A choice and its votes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The choice's position.
    pub position: i64,
    /// The choice's text.
    pub text: String,
    /// The number of votes.
    pub votes: i64,
    /// The share of the voters who chose it; in a ranking, as their first choice. In a rating, the
    /// share of the most points possible.
    pub percent: Share,
    /// Whether the choice leads, alone or tied; in a run-off, whether it wins.
    pub leads: bool,
}

/// A round of a run-off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The choices still standing, in the order of the poll.
    pub standing: Vec<Standing>,
    /// Exhausted ballots: those that rank no choice still standing.
    pub exhausted: i64,
    /// The positions of the choices eliminated after this round; empty in the last round. If a draw
    /// is still to decide, the choices that it is between.
    pub out: Vec<i64>,
    /// How a tie was broken, if there was one: for the fewest votes, or among all that are left.
    pub tie: Option<Tie>,
}

/// A choice's votes in one round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The choice's position.
    pub choice: i64,
    /// The ballots that count for the choice.
    pub votes: i64,
    /// How many of these were transferred from choices eliminated in the previous round.
    pub gained: i64,
}

/// How winners are found by a method that has more than votes or rounds. Each part is omitted where
/// it doesn't apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// The choices compared two by two, in a ranked poll counted so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duels: Option<Duels>,
    /// The stages, in a ranked poll with several winners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<Seats>,
    /// The final between two choices, in a rated poll that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_round: Option<Final>,
}

/// The choices compared two by two, and what followed from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duels {
    /// How many voters rank the choice of the row above the choice of the column. Both are in the
    /// order of the poll; 0 for a choice and itself.
    pub above: Vec<Vec<i64>>,
    /// The wins left out because they would go round in a circle, as the positions of winner and
    /// loser, largest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<[i64; 2]>,
    /// The positions of the choices against which no win is left.
    pub unbeaten: Vec<i64>,
    /// What decided between several of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<Tie>,
}

/// The stages of a poll with several winners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// The number of winners wanted.
    pub seats: i64,
    /// The votes with which a choice is elected.
    pub quota: i64,
    /// The stages, first to last.
    pub stages: Vec<Stage>,
}

/// A stage: the votes after a transfer, and what follows from them. Votes are in units of 0.00001.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The choices that aren't out, in the order of the poll. `gained` is negative for a choice
    /// whose surplus was transferred.
    pub standing: Vec<Standing>,
    /// Votes that weren't transferred, with what was cut off behind the fifth decimal.
    pub exhausted: i64,
    /// The positions of the choices that have reached the quota in this stage, most votes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elected: Vec<i64>,
    /// The choice whose surplus is transferred next. If a draw is still to decide, those that it is
    /// between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surplus: Vec<i64>,
    /// The choices that are out after this stage. If a draw is still to decide, those that it is
    /// between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out: Vec<i64>,
    /// The choices elected without the quota, because as many were left as seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remaining: Vec<i64>,
    /// How a tie was broken: for the largest surplus, or for the fewest votes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<Tie>,
}

/// The final of a rated poll: the two choices with the highest totals, and which of them more voters
/// rate higher.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Final {
    /// The positions of the finalists, higher total first; one if no other choice has points.
    pub finalists: Vec<i64>,
    /// How many voters rate each finalist higher than the other; empty unless there are two.
    pub prefer: Vec<i64>,
    /// How many voters rate both the same.
    pub same: i64,
    /// How ties for a place in the final were broken, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Tie>,
    /// What decided the final if as many voters rate the one higher as the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<Tie>,
    /// The choices between which a draw is still to decide: for a place in the final or, if both
    /// finalists are known, for the win.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undrawn: Vec<i64>,
}

/// How a tie was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// By the votes in an earlier round.
    EarlierRound,
    /// By the voters' preferences between the tied choices.
    Pairs,
    /// By the total of points.
    Total,
    /// By how many voters give the most points.
    Fives,
    /// By the order of the choices.
    Order,
    /// By a draw.
    Drawn,
    /// By a draw that isn't made before the close.
    Undrawn,
}

impl Standing {
    /// The standing of a choice among these; `None` if it is out.
    pub(crate) fn of(standings: &[Self], choice: i64) -> Option<&Self> {
        let mut standings = standings.iter();
        standings.find(|standing| standing.choice == choice)
    }
}

impl Round {
    /// The ballots that aren't exhausted.
    #[must_use]
    pub fn votes(&self) -> i64 {
        self.standing.iter().map(|standing| standing.votes).sum()
    }

    /// The most votes that a choice has.
    #[must_use]
    pub fn most(&self) -> i64 {
        let votes = self.standing.iter().map(|standing| standing.votes);
        votes.max().unwrap_or(0)
    }

    /// The votes of a choice; `None` if it is out.
    #[must_use]
    pub fn votes_of(&self, choice: i64) -> Option<i64> {
        self.of(choice).map(|standing| standing.votes)
    }

    /// The votes that a choice has gained in this round; `None` if it is out.
    #[must_use]
    pub fn gained_by(&self, choice: i64) -> Option<i64> {
        self.of(choice).map(|standing| standing.gained)
    }

    fn of(&self, choice: i64) -> Option<&Standing> {
        Standing::of(&self.standing, choice)
    }
}

impl Count {
    /// Whether the result depends on a draw that isn't made yet.
    #[must_use]
    pub fn is_undrawn(&self) -> bool {
        let Steps {
            duels,
            seats,
            final_round,
        } = &self.steps;
        let last = self.rounds.last().and_then(|round| round.tie);
        let pairs = duels.as_ref().and_then(|duels| duels.tie);
        let stages = seats.as_ref().and_then(|seats| seats.stages.last());
        let stage = stages.and_then(|stage| stage.tie);
        let mut finals = final_round.iter();
        [last, pairs, stage].contains(&Some(Tie::Undrawn))
            || finals.any(|last| !last.undrawn.is_empty())
    }

    /// The total number of votes: one per ballot, or more if a ballot may hold several.
    #[must_use]
    pub fn votes(&self) -> i64 {
        self.rows.iter().map(|row| row.votes).sum()
    }

    /// Whether voters could choose as many choices as they liked.
    #[must_use]
    pub fn is_approval(&self) -> bool {
        self.kind.is_approval(self.rows.len())
    }

    /// Whether the count matches the poll's current choices, which may change until it opens.
    #[must_use]
    pub fn is_of(&self, poll: &Poll) -> bool {
        let counted = self.rows.iter().map(|row| (row.position, &row.text));
        self.kind == poll.kind
            && counted.eq(poll
                .choices
                .iter()
                .map(|choice| (choice.position, &choice.text)))
    }

    /// The text of the choice at this position.
    #[must_use]
    pub fn text(&self, position: i64) -> &str {
        self.rows
            .iter()
            .find(|row| row.position == position)
            .map_or("", |row| &row.text)
    }
}
