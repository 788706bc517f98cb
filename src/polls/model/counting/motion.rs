//! Motions: voters are for or against something, or abstain. Shares are of those who took a side.

use crate::polls::model::counting::count::{Count, Row};
use crate::polls::model::counting::ratings::score::most_possible;
use crate::polls::model::kind::Kind;

#[cfg(feature = "ssr")]
use {
    crate::polls::model::counting::choices::most, crate::polls::model::counting::share::Share,
    crate::polls::model::poll::Choice,
};

/// The number of choices of a motion: for, against, and abstain.
pub const MOTION_CHOICES: usize = 3;

/// The index of the choice with which a voter abstains.
const ABSTAIN: usize = 2;

/// The position of the side with more votes; of both if they are tied.
#[cfg(feature = "ssr")]
pub(crate) fn side_ahead(choices: &[Choice], votes: &[i64]) -> Vec<i64> {
    let sides = choices.len().min(ABSTAIN);
    most(&choices[..sides], &votes[..sides])
}

impl Count {
    /// The votes for a motion, against it, and the abstentions; `None` for other polls.
    #[must_use]
    pub fn motion(&self) -> Option<(i64, i64, i64)> {
        match self.rows.as_slice() {
            [yes, no, abstain] if self.kind == Kind::Motion => {
                Some((yes.votes, no.votes, abstain.votes))
            }
            _ => None,
        }
    }

    /// Whether the choice is the abstention of a motion, which has no share.
    #[must_use]
    pub fn is_abstention(&self, row: &Row) -> bool {
        self.kind == Kind::Motion
            && self
                .rows
                .get(ABSTAIN)
                .is_some_and(|abstain| abstain.position == row.position)
    }

    /// What shares are of: the most that a choice could have, without abstentions.
    #[must_use]
    pub fn shared(&self) -> i64 {
        let abstentions = self.motion().map_or(0, |(.., abstentions)| abstentions);
        most_possible(self.kind, self.ballots) - abstentions
    }

    /// Sets the share of each choice from its votes.
    #[cfg(feature = "ssr")]
    pub(crate) fn set_shares(&mut self) {
        let shared = self.shared();
        let abstention = self.rows.iter().position(|row| self.is_abstention(row));
        for (index, row) in self.rows.iter_mut().enumerate() {
            if Some(index) != abstention {
                row.percent = Share::of(row.votes, shared);
            }
        }
    }
}
