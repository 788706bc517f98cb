//! The choices in the order of the result.

use std::cmp::Reverse;

use crate::polls::model::counting::count::{Count, Row};

impl Count {
    /// The choices from the first to the last: by votes, or in a run-off by how far they came and
    /// the votes they had then. Those that are level stay in the order of the poll.
    #[must_use]
    pub fn by_standing(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_key(|row| Reverse((self.reached(row), row.leads, row.votes)));
        rows
    }

    /// The votes that the choice ends with and all votes that they are a share of: in a run-off
    /// those of the last round in which it stood.
    #[must_use]
    pub fn final_votes(&self, row: &Row) -> (i64, i64) {
        match self.reached(row) {
            Some((index, votes)) => (votes, self.rounds[index].votes()),
            None => (row.votes, self.ballots),
        }
    }

    /// The index of the last round in which the choice stood, and its votes there; `None` if there
    /// are no rounds.
    #[must_use]
    pub fn reached(&self, row: &Row) -> Option<(usize, i64)> {
        let mut rounds = self.rounds.iter().enumerate().rev();
        rounds.find_map(|(index, round)| Some((index, round.votes_of(row.position)?)))
    }
}
