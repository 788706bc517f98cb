//! The choices on a ballot.
//!
//! A [`Selection`] is validated against its poll when it is created: it has only choices of the
//! poll, none twice, and not too many.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::polls::model::kind::{BallotKind, Kind};

/// Separates the choices of a ballot in which order means nothing.
const AND: char = ',';
/// Separates the choices of a ranking, best first.
const BEFORE: char = '>';

/// The chosen positions: in ascending order, or best first in a ranking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selection(Vec<i64>);

/// Why a ballot was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SelectionError {
    /// Nothing was chosen.
    #[error("You didn't select a choice.")]
    Nothing,
    /// More choices than the poll allows.
    #[error("{}", too_many(*.0))]
    TooMany(i64),
    /// A choice doesn't belong to this poll.
    #[error("That choice isn't in this poll. Select one of these.")]
    Foreign,
    /// Two choices have the same place.
    #[error("Two choices have the same rank. Give each its own.")]
    DuplicateRank,
}

fn too_many(most: i64) -> String {
    if most == 1 {
        "Select only one choice.".to_owned()
    } else {
        format!("Select at most {most} choices.")
    }
}

impl Selection {
    /// Validates chosen positions, best first in a ranking; `choices` are the positions of the
    /// poll.
    pub fn new(
        kind: Kind,
        choices: &BTreeSet<i64>,
        mut chosen: Vec<i64>,
    ) -> Result<Self, SelectionError> {
        let distinct: BTreeSet<i64> = chosen.iter().copied().collect();
        if chosen.is_empty() {
            return Err(SelectionError::Nothing);
        }
        if !distinct.is_subset(choices) {
            return Err(SelectionError::Foreign);
        }
        match kind.ballot() {
            BallotKind::Ranking if distinct.len() < chosen.len() => {
                return Err(SelectionError::DuplicateRank);
            }
            BallotKind::Ranking => {}
            BallotKind::Marks { most } => {
                chosen = distinct.into_iter().collect();
                if i64::try_from(chosen.len()).is_ok_and(|count| count > most) {
                    return Err(SelectionError::TooMany(most));
                }
            }
        }
        Ok(Self(chosen))
    }

    /// Parses the stored form.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text.split([AND, BEFORE])
            .map(|position| position.parse().ok())
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The stored and published form: `2,5`, or `5>2` for a ranking.
    #[must_use]
    pub fn text(&self, kind: Kind) -> String {
        let between = if kind.is_ranking() { BEFORE } else { AND };
        let positions: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        positions.join(&between.to_string())
    }

    /// The tally keys that this ballot counts towards: each choice, or the whole ranking.
    #[must_use]
    pub fn keys(&self, kind: Kind) -> Vec<String> {
        match kind.ballot() {
            BallotKind::Ranking => vec![self.text(kind)],
            BallotKind::Marks { .. } => self.0.iter().map(ToString::to_string).collect(),
        }
    }

    /// The chosen positions.
    #[must_use]
    pub fn positions(&self) -> &[i64] {
        &self.0
    }
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
