//! Status of sent codes for the operator: how many went to each country, how many were typed, what
//! they cost, and what is paused. Contains no numbers and no accounts.

use std::fmt;
use std::fmt::Write;

use sea_orm::{DbErr, FromQueryResult};

use crate::accounts::limits::circuit_breaker::Pause;
use crate::accounts::limits::circuit_breaker::area::Kind;
use crate::accounts::limits::{CODE_LIFETIME, circuit_breaker};
use crate::platform::clock::Seconds;
use crate::platform::config::{limits::SendLimits, money::Money};
use crate::platform::db::{Db, statement};
use crate::verification::numbers::countries;
use crate::web::time::day;

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

    fn add(mut self, other: &Self) -> Self {
        self.sent += other.sent;
        self.calls += other.calls;
        self.typed += other.typed;
        self.lost += other.lost;
        self.replaced += other.replaced;
        self
    }
}

/// An address with a temporary higher limit.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct LimitOverride {
    /// The address.
    pub address: String,
    /// Sign-ups and messages allowed per hour.
    #[sea_orm(from_alias = "per_hour")]
    pub most: i64,
    /// When it expires.
    #[sea_orm(from_alias = "expires_at")]
    pub until: Seconds,
}

/// The current status.
#[derive(Clone, Debug)]
pub struct Status {
    now: Seconds,
    ceilings: SendLimits,
    hour: Vec<CountryStats>,
    /// The last 24 hours, by country.
    pub day: Vec<CountryStats>,
    /// Active pauses.
    pub paused: Vec<Pause>,
    allowances: Vec<LimitOverride>,
}

impl Status {
    /// Reads the status from the database.
    pub async fn read(db: &Db, ceilings: &SendLimits, now: Seconds) -> Result<Self, DbErr> {
        let allowances = statement(
            db.read(),
            "SELECT address, per_hour, expires_at FROM limit_override WHERE expires_at > $1 ORDER BY expires_at",
            [now.into()],
        );
        Ok(Self {
            now,
            ceilings: ceilings.clone(),
            hour: sends(db, now - HOUR, now).await?,
            day: sends(db, now - DAY, now).await?,
            paused: circuit_breaker::pauses(db.read()).await?,
            allowances: LimitOverride::find_by_statement(allowances)
                .all(db.read())
                .await?,
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

fn name(country: &str) -> &str {
    countries::find(country).map_or("no country", |country| country.name)
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Codes, {}", day(self.now))?;
        table(f, "In the last hour", &self.hour, &self.ceilings)?;
        table(f, "In the last 24 hours", &self.day, &self.ceilings)?;
        let sent: i64 = self.day.iter().map(|sends| sends.sent).sum();
        write!(
            f,
            "\nDaily limit: {sent} of {} messages",
            self.ceilings.daily
        )?;
        if let Some(ceiling) = self.ceilings.daily_spend {
            write!(
                f,
                ", {} of {ceiling} spent",
                spend(&self.day, &self.ceilings)
            )?;
        }
        let ranges = self.ceilings.ranges.iter().map(|first| format!("+{first}"));
        let allowed = self
            .ceilings
            .countries
            .iter()
            .map(|country| name(country).to_owned())
            .chain(ranges)
            .collect::<Vec<_>>()
            .join(", ");
        writeln!(
            f,
            "\nCountries that get codes: {}",
            if allowed.is_empty() { "all" } else { &allowed }
        )?;
        for LimitOverride {
            address,
            most,
            until,
        } in &self.allowances
        {
            writeln!(
                f,
                "Raised limit for {address}: {most} an hour, until {}",
                day(*until)
            )?;
        }
        if self.paused.is_empty() {
            return f.write_str("No countries are paused.");
        }
        self.paused
            .iter()
            .try_for_each(|pause| writeln!(f, "{}", line(pause)))?;
        f.write_str("`pollstr resume` ends a pause: `pollstr resume GB`, `pollstr resume +44770090`, `pollstr resume all`.")
    }
}

fn line(pause: &Pause) -> String {
    let Pause {
        country,
        since,
        typed,
        lost,
        ..
    } = pause;
    let which = match pause.what() {
        Some((Kind::Network, network)) => format!("numbers requested from {network}"),
        Some((Kind::Prefix | Kind::WidePrefix, _)) => {
            format!("numbers with the same prefix: {}", name(country))
        }
        _ => format!("numbers: {}", name(country)),
    };
    format!(
        "Paused for new {which} since {}; {typed} of the last {} codes were typed.",
        day(*since),
        typed + lost
    )
}

fn spend(sends: &[CountryStats], ceilings: &SendLimits) -> Money {
    sends
        .iter()
        .map(|sends| ceilings.price(&sends.country).times(sends.sent))
        .sum()
}

fn table(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    sends: &[CountryStats],
    ceilings: &SendLimits,
) -> fmt::Result {
    writeln!(
        f,
        "\n{title:<24}    sent   calls   typed    lost replaced waiting  typed %   spend"
    )?;
    if sends.is_empty() {
        return writeln!(f, "  none");
    }
    let priced = !ceilings.prices.is_empty();
    let all = sends
        .iter()
        .fold(CountryStats::default(), CountryStats::add);
    let rows = sends.iter().map(|sends| {
        (
            name(&sends.country),
            sends,
            ceilings.price(&sends.country).times(sends.sent),
        )
    });
    for (name, sends, spend) in rows.chain([("all", &all, spend(sends, ceilings))]) {
        let finished = sends.typed + sends.lost;
        let percent = if finished == 0 {
            "-".to_owned()
        } else {
            format!("{}", sends.typed * 100 / finished)
        };
        let spend = if priced {
            spend.to_string()
        } else {
            "-".to_owned()
        };
        let name: String = name.chars().take(22).collect();
        let CountryStats {
            sent,
            calls,
            typed,
            lost,
            replaced,
            ..
        } = sends;
        let mut line = format!(
            "  {name:<22}{sent:>8}{calls:>8}{typed:>8}{lost:>8}{replaced:>9}{:>8}",
            sends.waiting()
        );
        write!(line, "{percent:>9}{spend:>8}")?;
        writeln!(f, "{line}")?;
    }
    Ok(())
}
