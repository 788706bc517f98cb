//! The comparison of all choices two by two.

use crate::polls::model::counting::count::{Count, Duels};

impl Duels {
    /// How many of the others the choice in this row beats.
    #[must_use]
    pub fn wins(&self, row: usize) -> i64 {
        let beaten = self.above[row].iter().zip(&self.above);
        let beaten = beaten.filter(|(votes, other)| **votes > other[row]);
        beaten.map(|_| 1).sum()
    }

    /// How many others a choice is compared with.
    #[must_use]
    pub fn others(&self) -> i64 {
        i64::try_from(self.above.len()).map_or(0, |choices| choices - 1)
    }
}

impl Count {
    /// How many of the others the choice at this position beats; `None` if the choices aren't
    /// compared.
    #[must_use]
    pub fn wins(&self, position: i64) -> Option<i64> {
        let row = self.rows.iter().position(|row| row.position == position)?;
        self.steps.duels.as_ref().map(|duels| duels.wins(row))
    }
}
