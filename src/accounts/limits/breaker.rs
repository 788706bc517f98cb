//! The breaker: where codes to a country are sent and hardly ever typed, somebody earns money by asking for them. Then new numbers of
//! that country get none, until codes are typed again.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::rules::{BETWEEN_PROBES, CODE_IS_OVER, FEWEST_CONFIRMED, LAST_CODES, PAUSE};
use crate::clock::Seconds;
use crate::db::{Transaction, execute, statement};

/// What the breaker says to a message to a new number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// It may go.
    Go,
    /// It may go as the one that finds out; then [`probed`] must be said.
    Probe,
    /// None before so many seconds are over.
    Wait(Seconds),
}

/// How the last codes of a country ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Conversion {
    /// Of these,
    pub finished: i64,
    /// so many were typed in.
    pub confirmed: i64,
}

impl Conversion {
    /// Of the last codes of a country, those that came to an end: typed, expired, or wrong too often.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(db: &impl ConnectionTrait, country: &str, now: Seconds) -> Result<Self, DbErr> {
        let sql =
            "SELECT COUNT(*) AS finished, CAST(COALESCE(SUM(CASE WHEN outcome = 'confirmed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS confirmed
            FROM (SELECT outcome FROM send WHERE country = $1 AND (outcome = 'confirmed' OR (outcome IS NULL AND at <= $2))
                ORDER BY at DESC, id DESC LIMIT $3) AS latest";
        let values = [country.into(), (now - CODE_IS_OVER).into(), LAST_CODES.into()];
        let row = Self::find_by_statement(statement(db, sql, values)).one(db).await?;
        Ok(row.unwrap_or(Self { finished: 0, confirmed: 0 }))
    }

    /// Whether there are enough to judge by, and too few of them were typed.
    #[must_use]
    pub fn is_too_low(self) -> bool {
        self.finished >= LAST_CODES && self.confirmed * 100 < FEWEST_CONFIRMED * self.finished
    }
}

#[derive(FromQueryResult)]
struct Open {
    since: Seconds,
    probe_at: Seconds,
}

/// Asks the breaker of a country, and opens or closes it as its codes demand.
pub(super) async fn ask(transaction: &Transaction, country: &str, now: Seconds) -> Result<Word, DbErr> {
    let sql = "SELECT since, probe_at FROM breaker WHERE country = $1";
    let open = Open::find_by_statement(statement(transaction, sql, [country.into()])).one(transaction).await?;
    let conversion = Conversion::of(transaction, country, now).await?;
    let Conversion { finished, confirmed } = conversion;
    match (open, conversion.is_too_low()) {
        (None, false) => Ok(Word::Go),
        (None, true) => {
            let sql = "INSERT INTO breaker (country, since, probe_at) VALUES ($1, $2, 0)";
            execute(transaction, sql, [country.into(), now.into()]).await?;
            tracing::error!(country, confirmed, finished, "codes to this country are hardly ever typed: its new numbers get none for now");
            Ok(Word::Wait(PAUSE))
        }
        (Some(_), false) => {
            execute(transaction, "DELETE FROM breaker WHERE country = $1", [country.into()]).await?;
            tracing::warn!(country, confirmed, finished, "codes to this country are typed again: its new numbers get some");
            Ok(Word::Go)
        }
        (Some(open), true) => {
            let next = (open.since + PAUSE).max(open.probe_at + BETWEEN_PROBES);
            Ok(if now >= next { Word::Probe } else { Word::Wait(next - now) })
        }
    }
}

/// A message went to find out.
pub(super) async fn probed(transaction: &Transaction, country: &str, now: Seconds) -> Result<(), DbErr> {
    execute(transaction, "UPDATE breaker SET probe_at = $2 WHERE country = $1", [country.into(), now.into()]).await.map(drop)
}

/// The message that went to find out did not go.
pub(super) async fn not_probed(db: &impl ConnectionTrait, send: i64) -> Result<(), DbErr> {
    let sql = "UPDATE breaker SET probe_at = 0
               WHERE EXISTS (SELECT 1 FROM send WHERE id = $1 AND NOT proved AND send.country = breaker.country AND send.at = breaker.probe_at)";
    execute(db, sql, [send.into()]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_fifty_is_enough_and_fewer_codes_are_not_judged() {
        let too_low = |finished, confirmed| Conversion { finished, confirmed }.is_too_low();
        assert!(!too_low(50, 10));
        assert!(too_low(50, 9));
        assert!(too_low(50, 0));
        assert!(!too_low(49, 0));
    }
}
