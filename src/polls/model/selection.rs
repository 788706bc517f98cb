//! What a ballot says: the choices somebody made, fit for the kind of the poll.
//!
//! It is read from a form once, and from then on is right: of this poll, no choice twice, not too many.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::polls::model::poll::Kind;

/// What divides the choices of a ballot where their order means nothing.
const AND: char = ',';
/// What divides them where the first is the best.
const BEFORE: char = '>';

/// The positions of what was chosen: in ascending order, or from the best to the worst in a ranking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selection(Vec<i64>);

/// Why a ballot cannot be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SelectionError {
    /// Nothing was chosen.
    #[error("You didn't select a choice.")]
    Nothing,
    /// More than the poll takes.
    #[error("{}", too_many(*.0))]
    TooMany(i64),
    /// What was chosen is not of this poll.
    #[error("That is no choice of this poll. Please select one of these.")]
    Foreign,
    /// Two choices have the same place.
    #[error("Two choices have the same place. Please give each a place of its own.")]
    SamePlace,
}

fn too_many(most: i64) -> String {
    if most == 1 {
        "Please select one choice only.".to_owned()
    } else {
        format!("Please select at most {most} choices.")
    }
}

impl Selection {
    /// Takes the positions that were chosen, best first in a ranking; `choices` are the poll's own.
    ///
    /// # Errors
    /// Why they are no ballot of this poll.
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
        match kind {
            Kind::Ranked if distinct.len() < chosen.len() => return Err(SelectionError::SamePlace),
            Kind::Ranked => {}
            Kind::Single | Kind::Multiple { .. } => chosen = distinct.into_iter().collect(),
        }
        let most = match kind {
            Kind::Single => 1,
            Kind::Multiple { most } => most,
            Kind::Ranked => i64::MAX,
        };
        if i64::try_from(chosen.len()).is_ok_and(|count| count > most) {
            Err(SelectionError::TooMany(most))
        } else {
            Ok(Self(chosen))
        }
    }

    /// Reads one that was stored.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text.split([AND, BEFORE])
            .map(|position| position.parse().ok())
            .collect::<Option<_>>()
            .map(Self)
    }

    /// As it is stored, and published: `2,5`, or `5>2` for a ranking.
    #[must_use]
    pub fn text(&self, kind: Kind) -> String {
        let between = if kind == Kind::Ranked { BEFORE } else { AND };
        let positions: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        positions.join(&between.to_string())
    }

    /// The keys of the tally that it adds one to: each choice, or a ranking as a whole.
    #[must_use]
    pub fn keys(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::Ranked => vec![self.text(kind)],
            Kind::Single | Kind::Multiple { .. } => {
                self.0.iter().map(ToString::to_string).collect()
            }
        }
    }

    /// The positions.
    #[must_use]
    pub fn positions(&self) -> &[i64] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SelectionError::Foreign;
    use SelectionError::Nothing;
    use SelectionError::SamePlace;
    use SelectionError::TooMany;

    fn of(kind: Kind, chosen: &[i64]) -> Result<String, SelectionError> {
        Selection::new(kind, &(1..=5).collect(), chosen.to_vec())
            .map(|selection| selection.text(kind))
    }

    #[test]
    fn a_ballot_fits_the_kind_of_its_poll() {
        assert_eq!(of(Kind::Single, &[5]).as_deref(), Ok("5"));
        assert_eq!(of(Kind::Single, &[5, 5]).as_deref(), Ok("5"));
        assert_eq!(of(Kind::Single, &[5, 1]), Err(TooMany(1)));
        let two = Kind::Multiple { most: 2 };
        assert_eq!(of(two, &[5, 2]).as_deref(), Ok("2,5"));
        assert_eq!(of(two, &[5, 2, 1]), Err(TooMany(2)));
        assert_eq!(of(Kind::Ranked, &[5, 2, 1]).as_deref(), Ok("5>2>1"));
        assert_eq!(of(Kind::Ranked, &[5, 2, 5]), Err(SamePlace));
        for kind in [Kind::Single, two, Kind::Ranked] {
            assert_eq!(of(kind, &[]), Err(Nothing));
            assert_eq!(of(kind, &[0]), Err(Foreign));
            assert_eq!(of(kind, &[6]), Err(Foreign));
        }
    }

    #[test]
    fn what_was_stored_is_read_again() {
        for text in ["3", "1,2,5", "5>2>1"] {
            let kind = if text.contains('>') {
                Kind::Ranked
            } else {
                Kind::Multiple { most: 3 }
            };
            assert_eq!(
                Selection::read(text)
                    .map(|selection| selection.text(kind))
                    .as_deref(),
                Some(text)
            );
        }
        assert_eq!(Selection::read("a"), None);
        assert_eq!(Selection::read(""), None);
    }
}
