//! Polls that have taken votes since a time, whose votes are missing from an older copy of the
//! database.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::platform::clock::Seconds;
use crate::platform::db::{places, statement};

/// A poll that has taken votes since a time.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct VotingSince {
    /// The public id.
    #[sea_orm(from_alias = "public_id")]
    pub id: String,
    /// The question.
    pub question: String,
    opens_at: Seconds,
    closes_at: Option<Seconds>,
}

impl VotingSince {
    /// Returns for how many seconds it has taken votes between two times.
    #[must_use]
    pub fn seconds(&self, since: Seconds, now: Seconds) -> Seconds {
        let until = self.closes_at.map_or(now, |closes_at| closes_at.min(now));
        (until - self.opens_at.max(since)).max(0)
    }
}

/// Returns the polls that have taken votes since a time, in the order in which they were created.
/// It reads a database of any version.
pub async fn voting_since(
    db: &impl ConnectionTrait,
    since: Seconds,
    now: Seconds,
) -> Result<Vec<VotingSince>, DbErr> {
    let sql = "SELECT public_id, question, opens_at, closes_at FROM poll
               WHERE NOT draft AND opens_at <= $2 AND (closes_at IS NULL OR closes_at > $1) ORDER BY id";
    VotingSince::find_by_statement(statement(db, sql, [since.into(), now.into()]))
        .all(db)
        .await
}

/// Returns which of these polls a database has.
pub async fn known(db: &impl ConnectionTrait, ids: &[&str]) -> Result<BTreeSet<String>, DbErr> {
    let mut known = BTreeSet::new();
    for some in ids.chunks(500) {
        let sql = format!(
            "SELECT public_id FROM poll WHERE public_id IN ({})",
            places(1, some.len())
        );
        let values = some.iter().map(|id| (*id).into());
        for row in db.query_all_raw(statement(db, &sql, values)).await? {
            known.insert(row.try_get("", "public_id")?);
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_time_counts_in_which_a_poll_was_open() {
        let poll = |opens_at, closes_at| VotingSince {
            id: String::new(),
            question: String::new(),
            opens_at,
            closes_at,
        };
        let seconds = |opens_at, closes_at| poll(opens_at, closes_at).seconds(100, 200);
        assert_eq!(seconds(50, None), 100);
        assert_eq!(seconds(150, None), 50);
        assert_eq!(seconds(50, Some(130)), 30);
        assert_eq!(seconds(50, Some(300)), 100);
        assert_eq!(seconds(50, Some(90)), 0);
    }
}
