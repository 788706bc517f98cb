//! The stages in which several winners are found.

use std::cmp::Reverse;

use crate::polls::model::counting::count::{Seats, Stage, Standing, Tie};

/// A vote in units: transfers have five decimals.
pub const UNITS: i64 = 100_000;

/// What became of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Elected in the stage with this number, from 1.
    Elected(usize),
    /// Out after the stage with this number.
    Out(usize),
    /// Neither, since a draw is still to be made.
    Open,
}

impl Stage {
    /// The votes of a choice; `None` if it is out.
    #[must_use]
    pub fn votes_of(&self, choice: i64) -> Option<i64> {
        Standing::of(&self.standing, choice).map(|standing| standing.votes)
    }

    /// The choices elected in this stage.
    pub fn winners(&self) -> impl Iterator<Item = i64> {
        self.elected.iter().chain(&self.remaining).copied()
    }

    /// Whether a draw that isn't made yet decides what comes next.
    #[must_use]
    pub fn is_undrawn(&self) -> bool {
        self.tie == Some(Tie::Undrawn)
    }
}

impl Seats {
    /// The positions of the elected choices, in the order of their election.
    pub fn winners(&self) -> impl Iterator<Item = i64> {
        self.stages.iter().flat_map(Stage::winners)
    }

    /// What became of a choice.
    #[must_use]
    pub fn fate(&self, choice: i64) -> Fate {
        for (stage, number) in self.stages.iter().zip(1..) {
            if stage.winners().any(|winner| winner == choice) {
                return Fate::Elected(number);
            }
            if stage.out.contains(&choice) && !stage.is_undrawn() {
                return Fate::Out(number);
            }
        }
        // Choices that are left when the last seat is filled aren't elected.
        match self.stages.last() {
            Some(last) if !last.is_undrawn() => Fate::Out(self.stages.len()),
            _ => Fate::Open,
        }
    }

    /// Sorts the choices from the first to the last: the elected in their order, then those still
    /// open, then those that are out, the last to go first, and by votes.
    #[must_use]
    pub fn place(&self, choice: i64) -> impl Ord + use<> {
        let elected = self.winners().position(|winner| winner == choice);
        let out = match self.fate(choice) {
            Fate::Elected(_) => 0,
            Fate::Open => usize::MAX,
            Fate::Out(number) => number,
        };
        (
            elected.unwrap_or(usize::MAX),
            Reverse(out),
            Reverse(self.final_votes(choice)),
        )
    }

    /// The votes with which a choice was elected or went out, in units.
    #[must_use]
    pub fn final_votes(&self, choice: i64) -> i64 {
        let index = match self.fate(choice) {
            Fate::Elected(number) | Fate::Out(number) => number,
            Fate::Open => self.stages.len(),
        };
        let stage = index
            .checked_sub(1)
            .and_then(|index| self.stages.get(index));
        stage.and_then(|stage| stage.votes_of(choice)).unwrap_or(0)
    }
}
