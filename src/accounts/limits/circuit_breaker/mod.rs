//! Circuit breaker against toll fraud: where codes are requested but hardly ever typed, someone is
//! earning money with the messages. New numbers in that area then get no codes until codes are
//! typed again or the operator resumes it.
//!
//! While an area is paused, an occasional message probes it. Each network that asks draws a lot,
//! and the highest goes first, so that an attacker can't take every probe by asking first. Each
//! network after it may go a minute later.

pub mod area;
mod evidence;
pub mod resume;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::accounts::limits::circuit_breaker::area::{Kind, Wait};
use crate::accounts::limits::circuit_breaker::evidence::{Code, Evidence};
use crate::accounts::limits::counting::count_rows;
use crate::accounts::limits::limit::{
    BETWEEN_PROBES, DAY, HOUR, LONGEST_BETWEEN_PROBES, MINUTE, PAUSE,
};
use crate::accounts::limits::sends::request::Send;
use crate::platform::clock::Seconds;
use crate::platform::crypto::random;
use crate::platform::db::{Db, Transaction, execute, places, statement};

/// Key for all areas.
pub(super) const ALL: &str = "all";
/// A pause ends when at least this many codes sent since it began were typed, and at most as many
/// were not.
const TYPED_TO_RESUME: i64 = 3;
/// How long a lot is valid after its network last asked.
const LOT_LIFETIME: Seconds = HOUR;

/// The decision on a message to a new number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Allowed. If it probes any areas, pass them to [`probed`].
    Allow(Vec<String>),
    /// Denied.
    Deny(Wait),
}

/// A row of `circuit_breaker`.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Pause {
    area: String,
    /// Two-letter country of a prefix; empty for a network.
    pub country: String,
    /// When the pause began; 0 when it is over.
    pub since: Seconds,
    probe_at: Seconds,
    judged_from: Seconds,
    /// Codes typed when the pause began.
    pub typed: i64,
    /// Codes not typed when the pause began.
    pub lost: i64,
}

impl Pause {
    /// Returns the kind and value of the area. For a prefix the value is an HMAC and can't be
    /// displayed.
    #[must_use]
    pub fn what(&self) -> Option<(Kind, &str)> {
        Kind::parse(&self.area)
    }
}

/// Returns the active pauses, oldest first.
pub async fn pauses(db: &impl ConnectionTrait) -> Result<Vec<Pause>, DbErr> {
    let sql = "SELECT area, country, since, probe_at, judged_from, typed, lost FROM circuit_breaker WHERE since > 0 ORDER BY since, area";
    Pause::find_by_statement(statement(db, sql, []))
        .all(db)
        .await
}

/// Checks each area of a message, and begins or ends pauses according to its recent codes.
pub(super) async fn ask(
    transaction: &Transaction,
    send: Send<'_>,
    hourly: i64,
    now: Seconds,
) -> Result<Decision, DbErr> {
    let country = send.region();
    let areas: Vec<_> = send
        .areas
        .with_country(country)
        .map(|(kind, value)| (kind, value, kind.area(value)))
        .collect();
    let rows = rows(transaction, areas.iter().map(|(.., area)| area.as_str())).await?;
    let row = |area: &str| rows.iter().find(|row| row.area == area);
    let from = |area: &str| row(area).map_or(0, |row| row.judged_from);
    let of_country = from(&Kind::Country.area(country));
    let mut probes = Vec::new();
    for (kind, value, area) in areas {
        let of_country = if kind == Kind::Network { 0 } else { of_country };
        let since = (now - DAY).max(from(&area)).max(from(ALL)).max(of_country);
        let codes = Code::of(transaction, kind, value, since).await?;
        let found = Evidence::among(kind, &codes, now);
        let too_low = found.looks_like_attack(kind.bar(hourly));
        let open = row(&area).filter(|row| row.since > 0);
        let Some(open) = open else {
            if !too_low {
                continue;
            }
            let country = if kind == Kind::Network { "" } else { country };
            begin(transaction, &area, country, &found, now).await?;
            return Ok(Decision::Deny(Wait {
                kind,
                seconds: PAUSE,
                probing: false,
            }));
        };
        let (typed, untyped) = count_since(&codes, open.since);
        let again = typed >= TYPED_TO_RESUME && typed >= untyped;
        if again || !too_low {
            end(
                transaction,
                &area,
                if again { open.since } else { open.judged_from },
            )
            .await?;
            continue;
        }
        // The more codes stay untyped, the rarer the probes.
        let between = (BETWEEN_PROBES << untyped.clamp(0, 6)).min(LONGEST_BETWEEN_PROBES);
        let next = (open.since + PAUSE).max(open.probe_at + between);
        let next = next + MINUTE * draw(transaction, &area, &send.areas.network, now).await?;
        if now < next {
            return Ok(Decision::Deny(Wait {
                kind,
                seconds: next - now,
                probing: now >= open.since + PAUSE,
            }));
        }
        probes.push(area);
    }
    Ok(Decision::Allow(probes))
}

async fn rows(
    transaction: &Transaction,
    areas: impl Iterator<Item = &str>,
) -> Result<Vec<Pause>, DbErr> {
    let values: Vec<_> = areas.chain([ALL]).map(Into::into).collect();
    let sql = "SELECT area, country, since, probe_at, judged_from, typed, lost FROM circuit_breaker WHERE area IN";
    let sql = format!("{sql} ({})", places(1, values.len()));
    Pause::find_by_statement(statement(transaction, &sql, values))
        .all(transaction)
        .await
}

/// Counts the typed and untyped codes sent after `since`.
fn count_since(codes: &[Code], since: Seconds) -> (i64, i64) {
    let later = codes.iter().filter(|code| code.at > since);
    later.fold((0, 0), |(typed, untyped), code| {
        if code.was_typed() {
            (typed + 1, untyped)
        } else {
            (typed, untyped + 1)
        }
    })
}

async fn begin(
    transaction: &Transaction,
    area: &str,
    country: &str,
    found: &Evidence<'_>,
    now: Seconds,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO circuit_breaker (area, country, since, probe_at, judged_from, typed, lost) VALUES ($1, $2, $3, 0, 0, $4, $5)
        ON CONFLICT (area) DO UPDATE SET country = excluded.country, since = excluded.since, probe_at = 0, typed = excluded.typed, lost = excluded.lost";
    let (typed, lost) = (found.typed, found.untyped());
    execute(
        transaction,
        sql,
        [
            area.into(),
            country.into(),
            now.into(),
            typed.into(),
            lost.into(),
        ],
    )
    .await?;
    let what = area.split(' ').next();
    tracing::error!(
        what,
        country,
        typed,
        lost,
        "codes are hardly ever typed: new numbers there get none for now; see `pollstr status`"
    );
    Ok(())
}

async fn end(transaction: &Transaction, area: &str, judged_from: Seconds) -> Result<(), DbErr> {
    let sql = "UPDATE circuit_breaker SET since = 0, judged_from = $2 WHERE area = $1";
    execute(transaction, sql, [area.into(), judged_from.into()]).await?;
    tracing::warn!(
        what = area.split(' ').next(),
        "codes are typed again: new numbers there get some"
    );
    Ok(())
}

/// Draws a lot for a network that has none, and returns how many are higher.
async fn draw(
    transaction: &Transaction,
    area: &str,
    network: &str,
    now: Seconds,
) -> Result<i64, DbErr> {
    let lot = i64::from_be_bytes(random());
    let sql = "INSERT INTO draw (area, network, lot, asked_at) VALUES ($1, $2, $3, $4) ON CONFLICT (area, network) DO UPDATE SET
        lot = CASE WHEN draw.asked_at > $5 THEN draw.lot ELSE excluded.lot END, asked_at = excluded.asked_at RETURNING lot";
    let values = [
        area.into(),
        network.into(),
        lot.into(),
        now.into(),
        (now - LOT_LIFETIME).into(),
    ];
    let row = transaction
        .query_one_raw(statement(transaction, sql, values))
        .await?;
    let own: i64 = row.map_or(Ok(lot), |row| row.try_get("", "lot"))?;
    count_rows(
        transaction,
        "draw WHERE area = $1 AND lot > $2 AND asked_at > $3",
        vec![area.into(), own.into(), (now - LOT_LIFETIME).into()],
    )
    .await
}

/// Records that a message probes these areas, and uses up its network's lots.
pub(super) async fn probed(
    transaction: &Transaction,
    areas: Vec<String>,
    network: &str,
    now: Seconds,
) -> Result<(), DbErr> {
    if areas.is_empty() {
        return Ok(());
    }
    let these = places(2, areas.len());
    let values = |first| {
        [first]
            .into_iter()
            .chain(areas.iter().map(|area| area.as_str().into()))
    };
    execute(
        transaction,
        &format!("DELETE FROM draw WHERE network = $1 AND area IN ({these})"),
        values(network.into()),
    )
    .await?;
    // The others' lots are shuffled, by XOR with one random number: a low lot must not lose for ever.
    execute(
        transaction,
        &format!("UPDATE draw SET lot = (lot | $1) - (lot & $1) WHERE area IN ({these})"),
        values(i64::from_be_bytes(random()).into()),
    )
    .await?;
    execute(
        transaction,
        &format!("UPDATE circuit_breaker SET probe_at = $1 WHERE area IN ({these})"),
        values(now.into()),
    )
    .await
    .map(drop)
}

/// Undoes [`probed`] for a message that was not sent, so that another may probe immediately.
pub(super) async fn undo_probe(db: &impl ConnectionTrait, send: i64) -> Result<(), DbErr> {
    let sql = "UPDATE circuit_breaker SET probe_at = 0 WHERE EXISTS (SELECT 1 FROM send WHERE send.id = $1 AND NOT verified
        AND send.at = circuit_breaker.probe_at AND circuit_breaker.area IN
        ('network ' || send.network, 'prefix ' || send.prefix, 'wide_prefix ' || send.wide_prefix, 'country ' || send.country))";
    execute(db, sql, [send.into()]).await.map(drop)
}

/// Deletes expired lots, and rows without activity in the last day.
pub(super) async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM draw WHERE asked_at <= $1",
        [(now - LOT_LIFETIME).into()],
    )
    .await?;
    let sql =
        "DELETE FROM circuit_breaker WHERE since <= $1 AND probe_at <= $1 AND judged_from <= $1";
    execute(db.write(), sql, [(now - DAY).into()])
        .await
        .map(drop)
}
