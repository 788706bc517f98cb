//! The choices on a ballot.
//!
//! A [`Selection`] is validated against its poll when it is created: it has only choices of the
//! poll, none twice, and not too many. A rating has all choices of the poll, each with its points,
//! so that equal ratings have equal texts, even those that give 0 to all.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::polls::model::kind::{BallotKind, Kind, MOST_POINTS};

/// Separates the choices of a ballot in which order means nothing.
const AND: char = ',';
/// Separates the choices of a ranking, best first.
const BEFORE: char = '>';
/// Separates a choice of a rating from its points.
const GETS: char = ':';

/// The chosen positions: in ascending order, or best first in a ranking; in a rating, all positions
/// with their points.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selection {
    positions: Vec<i64>,
    /// The points of each position; empty unless it is a rating.
    points: Vec<i64>,
}

/// What a voter filled in, before it is validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilledIn {
    /// Positions, best first in a ranking.
    Chosen(Vec<i64>),
    /// Positions and their points; those left blank are missing.
    Rated(Vec<(i64, i64)>),
}

impl From<Vec<i64>> for FilledIn {
    fn from(chosen: Vec<i64>) -> Self {
        Self::Chosen(chosen)
    }
}

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
    /// No choice was rated.
    #[error("You didn't rate a choice. Give each 0 to 5.")]
    NothingRated,
    /// The points of the choice at this position are out of range.
    #[error("Give this choice 0 to 5.")]
    Points(i64),
}

fn too_many(most: i64) -> String {
    if most == 1 {
        "Select only one choice.".to_owned()
    } else {
        format!("Select at most {most} choices.")
    }
}

impl Selection {
    /// Validates what a voter filled in; `choices` are the positions of the poll.
    pub fn new(
        kind: Kind,
        choices: &BTreeSet<i64>,
        filled_in: impl Into<FilledIn>,
    ) -> Result<Self, SelectionError> {
        match (kind.is_rating(), filled_in.into()) {
            (false, FilledIn::Chosen(chosen)) => Self::chosen(kind, choices, chosen),
            (false, FilledIn::Rated(_)) => Err(SelectionError::Nothing),
            (true, FilledIn::Rated(rated)) => Self::rated(choices, rated),
            (true, FilledIn::Chosen(_)) => Err(SelectionError::NothingRated),
        }
    }

    fn rated(choices: &BTreeSet<i64>, rated: Vec<(i64, i64)>) -> Result<Self, SelectionError> {
        if rated.is_empty() {
            return Err(SelectionError::NothingRated);
        }
        let mut given: BTreeMap<i64, i64> = choices.iter().map(|choice| (*choice, 0)).collect();
        for (position, points) in rated {
            let given = given.get_mut(&position).ok_or(SelectionError::Foreign)?;
            if !(0..=MOST_POINTS).contains(&points) {
                return Err(SelectionError::Points(position));
            }
            *given = points;
        }
        let (positions, points) = given.into_iter().unzip();
        Ok(Self { positions, points })
    }

    fn chosen(
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
        if let BallotKind::Marks { most } = kind.ballot() {
            chosen = distinct.into_iter().collect();
            if i64::try_from(chosen.len()).is_ok_and(|count| count > most) {
                return Err(SelectionError::TooMany(most));
            }
        } else if distinct.len() < chosen.len() {
            return Err(SelectionError::DuplicateRank);
        }
        Ok(Self::of(chosen))
    }

    fn of(positions: Vec<i64>) -> Self {
        let points = Vec::new();
        Self { positions, points }
    }

    /// Parses the stored form.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.contains(GETS) {
            let rated = text.split(AND).map(|part| {
                let (position, points) = part.split_once(GETS)?;
                Some((position.parse::<i64>().ok()?, points.parse::<i64>().ok()?))
            });
            let (positions, points) = rated.collect::<Option<Vec<_>>>()?.into_iter().unzip();
            return Some(Self { positions, points });
        }
        text.split([AND, BEFORE])
            .map(|position| position.parse().ok())
            .collect::<Option<_>>()
            .map(Self::of)
    }

    /// The stored and published form: `2,5`, or `5>2` for a ranking, or `1:5,2:0` for a rating, with
    /// every choice of the poll.
    #[must_use]
    pub fn text(&self, kind: Kind) -> String {
        if kind.is_rating() {
            let given = self
                .points()
                .map(|(position, points)| format!("{position}{GETS}{points}"));
            return given.collect::<Vec<_>>().join(&AND.to_string());
        }
        let between = if kind.is_ranking() { BEFORE } else { AND };
        let positions: Vec<String> = self.positions.iter().map(ToString::to_string).collect();
        positions.join(&between.to_string())
    }

    /// The tally keys that this ballot counts towards: each choice, or the whole ranking
    /// or rating.
    #[must_use]
    pub fn keys(&self, kind: Kind) -> Vec<String> {
        match kind.ballot() {
            BallotKind::Ranking | BallotKind::Rating => vec![self.text(kind)],
            BallotKind::Marks { .. } => self.positions.iter().map(ToString::to_string).collect(),
        }
    }

    /// The chosen positions.
    #[must_use]
    pub fn positions(&self) -> &[i64] {
        &self.positions
    }

    /// The positions of a rating with their points, in ascending order; empty for other ballots.
    pub fn points(&self) -> impl Iterator<Item = (i64, i64)> {
        self.positions
            .iter()
            .copied()
            .zip(self.points.iter().copied())
    }

    /// Returns the ballot as a voter would have filled it in, to be validated again.
    #[must_use]
    pub fn filled_in(&self) -> FilledIn {
        if self.points.is_empty() {
            FilledIn::Chosen(self.positions.clone())
        } else {
            FilledIn::Rated(self.points().collect())
        }
    }
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
