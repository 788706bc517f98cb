//! The choices in the order of the result.

use std::cmp::Reverse;

use crate::polls::model::counting::count::{Count, Row};
use crate::polls::model::counting::rankings::stages::UNITS;
use crate::polls::model::counting::ratings::average::Average;
use crate::polls::model::counting::share::Share;
use crate::polls::model::kind::Kind;

impl Count {
    /// The choices from the first to the last: by votes, or in a run-off by how far they came and
    /// the votes they had then. Those that are level stay in the order of the poll, and so do the
    /// choices of a motion.
    #[must_use]
    pub fn by_standing(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        if self.kind == Kind::Motion {
            return rows;
        }
        rows.sort_by_key(|row| Reverse((self.reached(row), row.leads, row.votes)));
        if self.steps.duels.is_some() {
            rows.sort_by_key(|row| Reverse((row.leads, self.wins(row.position))));
        }
        if let Some(seats) = &self.steps.seats {
            rows.sort_by_key(|row| seats.place(row.position));
        }
        if let Some(held) = &self.steps.final_round {
            rows.sort_by_key(|row| {
                let finalist = held.finalists.contains(&row.position);
                Reverse((row.leads, finalist, row.votes))
            });
        }
        rows
    }

    /// The votes that the choice ends with and all votes that they are a share of: in a run-off
    /// those of the last round in which it stood, with several winners those with which it was
    /// elected or out, in units. If choices are compared two by two, the others that it beats and
    /// how many others there are; if they are rated, its total and the highest possible one.
    #[must_use]
    pub fn final_votes(&self, row: &Row) -> (i64, i64) {
        if let Some(seats) = &self.steps.seats {
            return (seats.final_votes(row.position), self.ballots * UNITS);
        }
        if let (Some(duels), Some(wins)) = (&self.steps.duels, self.wins(row.position)) {
            return (wins, duels.others());
        }
        match self.reached(row) {
            Some((index, votes)) => (votes, self.rounds[index].votes()),
            None if self.is_abstention(row) => (0, self.shared()),
            None => (row.votes, self.shared()),
        }
    }

    /// What the choice ends with in words: its share, how many of the others it beats, or its average
    /// rating.
    #[must_use]
    pub fn final_share(&self, row: &Row) -> String {
        let (votes, all) = self.final_votes(row);
        if self.steps.duels.is_some() {
            format!("beats {votes} of {all}")
        } else if self.is_abstention(row) {
            "–".to_owned()
        } else if self.kind.is_rating() {
            format!("{} of 5", Average::of(votes, self.ballots))
        } else {
            Share::of(votes, all).text(all)
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
