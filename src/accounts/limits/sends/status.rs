//! Status of sent codes for the operator: how many went to each country, how many were typed, what
//! they cost, and what is paused. Contains no numbers and no accounts.

use sea_orm::{DbErr, FromQueryResult};

use crate::accounts::limits::circuit_breaker::Pause;
use crate::accounts::limits::overrides::LimitOverride;
use crate::accounts::limits::{CODE_LIFETIME, circuit_breaker, overrides};
use crate::platform::clock::Seconds;
use crate::platform::config::limits::SendLimits;
use crate::platform::db::{Db, statement};

const HOUR: Seconds = 3_600;
const DAY: Seconds = 24 * HOUR;

/// Messages to one country in some period.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct CountryStats {
    /// The country, as two letters.
    pub country: String,
    /// Messages sent.
    pub sent: i64,
    /// Calls among them.
    pub calls: i64,
    /// Messages whose code was typed.
    pub typed: i64,
    /// Messages whose code expired or was wrong too often.
    pub lost: i64,
    /// Messages replaced by another.
    pub replaced: i64,
}

impl CountryStats {
    /// Returns the messages whose code is still valid.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.sent - self.typed - self.lost - self.replaced
    }

    pub(super) fn add(mut self, other: &Self) -> Self {
        self.sent += other.sent;
        self.calls += other.calls;
        self.typed += other.typed;
        self.lost += other.lost;
        self.replaced += other.replaced;
        self
    }
}

/// The current status.
#[derive(Clone, Debug)]
pub struct Status {
    pub(super) now: Seconds,
    pub(super) ceilings: SendLimits,
    /// The last hour, by country.
    pub hour: Vec<CountryStats>,
    /// The last 24 hours, by country.
    pub day: Vec<CountryStats>,
    /// Active pauses.
    pub paused: Vec<Pause>,
    /// Addresses with a raised limit.
    pub raised: Vec<LimitOverride>,
}

impl Status {
    /// Reads the status from the database.
    pub async fn read(db: &Db, ceilings: &SendLimits, now: Seconds) -> Result<Self, DbErr> {
        Ok(Self {
            now,
            ceilings: ceilings.clone(),
            hour: sends(db, now - HOUR, now).await?,
            day: sends(db, now - DAY, now).await?,
            paused: circuit_breaker::pauses(db.read()).await?,
            raised: overrides::list(db.read(), now).await?,
        })
    }
}

async fn sends(db: &Db, since: Seconds, now: Seconds) -> Result<Vec<CountryStats>, DbErr> {
    let sql = "SELECT country, COUNT(*) AS sent,
            CAST(SUM(CASE WHEN voice THEN 1 ELSE 0 END) AS BIGINT) AS calls,
            CAST(SUM(CASE WHEN outcome = 'confirmed' THEN 1 ELSE 0 END) AS BIGINT) AS typed,
            CAST(SUM(CASE WHEN outcome IS NULL AND at <= $2 THEN 1 ELSE 0 END) AS BIGINT) AS lost,
            CAST(SUM(CASE WHEN outcome = 'replaced' THEN 1 ELSE 0 END) AS BIGINT) AS replaced
        FROM send WHERE at > $1 GROUP BY country ORDER BY 2 DESC, country";
    CountryStats::find_by_statement(statement(
        db.read(),
        sql,
        [since.into(), (now - CODE_LIFETIME).into()],
    ))
    .all(db.read())
    .await
}
