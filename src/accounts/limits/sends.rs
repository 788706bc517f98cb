//! Messages: who may have one now, which were sent, and what became of them.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use thiserror::Error;

use crate::accounts::limits::area::{Areas, Kind};
use crate::accounts::limits::circuit_breaker::Decision;
use crate::accounts::limits::rules::{
    BETWEEN_SENDS, BY_ACCOUNT, DAY, FROM_ADDRESS_TO_NEW, HOUR, KEPT_FOR_OTHERS, NUMBERS_AT_ONCE,
    ROUNDED_TO, TO_NUMBER, TO_NUMBER_BY_ACCOUNT, at_most,
};
use crate::accounts::limits::turns::Turn;
use crate::accounts::limits::{LimitError, allow, circuit_breaker, longest, overrides, turns};
use crate::platform::clock::Seconds;
use crate::platform::config::limits::Ceilings;
use crate::platform::db::{Transaction, execute, statement};
use crate::verification::numbers::countries::Country;

/// A message that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Send<'a> {
    /// Whose it is.
    pub account: i64,
    /// Where it goes.
    pub number_mac: &'a [u8],
    /// Where that is; none for a number of no country.
    pub country: Option<&'static Country>,
    /// Whether it is a call.
    pub voice: bool,
    /// Whether this account has proved this number before.
    pub proved: bool,
    /// Where it was asked for.
    pub address: &'a str,
    /// The same, and where it goes, as the breaker judges it.
    pub areas: &'a Areas,
    /// How long its code is good for, in seconds.
    pub life: Seconds,
}

impl Send<'_> {
    /// What stands in the row for the country: its two letters, or what they call the whole world.
    pub(super) fn region(&self) -> &'static str {
        self.country.map_or("001", |country| country.region)
    }
}

/// Why a message is not sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SendDenied {
    /// A rate.
    #[error(transparent)]
    Limited(LimitError),
    /// The settings do not name its country.
    #[error("not to {0}")]
    Country(&'static str),
    /// The account had a code a moment ago.
    #[error("again in {} s", .0.wait)]
    JustNow(LimitError),
    /// Codes there are hardly ever typed.
    #[error("{country} is paused; again in {} s", .wait.seconds)]
    Paused {
        /// The country's name.
        country: &'static str,
        /// What of it is paused, and until when.
        wait: circuit_breaker::Wait,
    },
    /// The day's messages or money are spent.
    #[error("spent; again in {} s", .0.wait)]
    Spent(LimitError),
}

impl SendDenied {
    /// Another account has a code at this number, which is good for so long at most. When that ends is the other's business, so the
    /// wait is always the same, and the words are those of an ordinary limit.
    #[must_use]
    pub fn of_others(life: Seconds) -> Self {
        Self::Limited(LimitError { wait: life }.rounded())
    }
}

impl LimitError {
    /// Rounds the wait up, where it would tell when somebody else had a code.
    fn rounded(self) -> Self {
        Self {
            wait: (self.wait + ROUNDED_TO - 1) / ROUNDED_TO * ROUNDED_TO,
        }
    }
}

/// Counts a message inside the transaction that claims it, and tells its row number. A transaction that is told to stop must be
/// committed all the same: the breaker may have learned something.
pub async fn send(
    transaction: &Transaction,
    ceilings: &Ceilings,
    send: Send<'_>,
    now: Seconds,
) -> Result<Result<i64, SendDenied>, DbErr> {
    let region = send.region();
    let allowed = overrides::of(transaction, send.address, now).await?;
    // A hall that the operator knows of passes the breaker; the ceilings of a day hold for it, too.
    let judged = !send.proved && allowed.is_none();
    let word = if judged {
        circuit_breaker::ask(transaction, send, ceilings.hourly, now).await?
    } else {
        Decision::Allow(Vec::new())
    };
    let probes = match word {
        Decision::Allow(probes) => probes,
        Decision::Deny(wait) if wait.kind == Kind::Network => {
            return Ok(Err(SendDenied::Limited(LimitError { wait: wait.seconds })));
        }
        Decision::Deny(wait) => {
            return Ok(Err(SendDenied::Paused {
                country: name(send.country),
                wait,
            }));
        }
    };
    let turn = turns::take(transaction, send, now).await?;
    match turn {
        Turn::Others => return Ok(Err(SendDenied::of_others(send.life))),
        Turn::Ending(wait) => return Ok(Err(SendDenied::JustNow(LimitError { wait }))),
        Turn::First | Turn::Again => {}
    }
    if let Err(too_often) = rates(transaction, ceilings, send, turn, allowed, now).await? {
        return Ok(Err(SendDenied::Limited(too_often)));
    }
    if let Err(spent) = day(transaction, ceilings, region, now).await? {
        tracing::error!(
            country = region,
            wait = spent.wait,
            "the day's ceiling is reached: no codes are sent"
        );
        return Ok(Err(SendDenied::Spent(spent)));
    }
    circuit_breaker::probed(transaction, probes, &send.areas.network, now).await?;
    let sql = "INSERT INTO send (at, account_id, number_mac, address, verified, country, voice, network, prefix, wide_prefix)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
    let Send {
        account,
        number_mac,
        address,
        proved,
        voice,
        areas,
        ..
    } = send;
    let values = [
        now.into(),
        account.into(),
        number_mac.to_vec().into(),
        address.into(),
        proved.into(),
        region.into(),
        voice.into(),
    ];
    let areas =
        [&areas.network, &areas.prefix, &areas.wide_prefix].map(|area| area.as_str().into());
    let values = values.into_iter().chain(areas);
    let row = transaction
        .query_one_raw(statement(transaction, sql, values))
        .await?;
    row.ok_or_else(|| DbErr::RecordNotInserted)?
        .try_get("", "id")
        .map(Ok)
}

fn name(country: Option<&'static Country>) -> &'static str {
    country.map_or("no country", |country| country.name)
}

async fn rates(
    transaction: &Transaction,
    ceilings: &Ceilings,
    send: Send<'_>,
    turn: Turn,
    allowed: Option<i64>,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    let from_address = if send.proved {
        ceilings.from_address
    } else {
        FROM_ADDRESS_TO_NEW.most
    };
    let from_address = from_address.max(allowed.unwrap_or_default());
    let first = turn == Turn::First;
    let kept = if first { 0 } else { KEPT_FOR_OTHERS };
    let to_number = at_most(TO_NUMBER.most - kept, TO_NUMBER.window);
    let rules = [
        (
            "address = $1 AND verified = $2",
            vec![send.address.into(), send.proved.into()],
            at_most(from_address, HOUR),
        ),
        ("1 = 1", vec![], at_most(ceilings.hourly, HOUR)),
    ];
    let mut allowed = allow(
        transaction,
        "send WHERE number_mac = $1",
        vec![send.number_mac.to_vec().into()],
        to_number,
        now,
    )
    .await?;
    if first && !send.proved {
        allowed = allowed.map_err(LimitError::rounded);
    }
    allowed = longest(
        allowed,
        own_rates(transaction, send.account, send.number_mac, first, now).await?,
    );
    for (which, values, rate) in rules {
        allowed = longest(
            allowed,
            allow(
                transaction,
                &format!("send WHERE {which}"),
                values,
                rate,
                now,
            )
            .await?,
        );
    }
    Ok(allowed)
}

/// The limits of an account, and of its own messages to a number: what others had there is not told. `first` says that it may have all
/// of the number's messages.
async fn own_rates(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    first: bool,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    let number = || Value::from(mac.to_vec());
    let kept = if first { 0 } else { KEPT_FOR_OTHERS };
    let own = "number_mac = $1 AND account_id = $2";
    let rules = [
        (own, vec![number(), account.into()], TO_NUMBER_BY_ACCOUNT),
        (
            own,
            vec![number(), account.into()],
            at_most(TO_NUMBER.most - kept, TO_NUMBER.window),
        ),
        ("account_id = $1", vec![account.into()], BY_ACCOUNT),
    ];
    let mut allowed = Ok(());
    for (which, values, rate) in rules {
        allowed = longest(
            allowed,
            allow(db, &format!("send WHERE {which}"), values, rate, now).await?,
        );
    }
    Ok(allowed)
}

/// Tells in how many seconds an account can have another code at a number where it has had one, as far as its own limits go.
pub async fn next_send(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    owner: bool,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let allowed = longest(
        own_rates(db, account, mac, owner, now).await?,
        crate::accounts::limits::may_type_codes(db, account, now).await?,
    );
    Ok(allowed.err().map_or(0, |too_often| too_often.wait))
}

/// Whether an account had a code a moment ago that it has not typed: at this number, or at as many others as it may try without a wait.
pub async fn just_now(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    let sql = "SELECT number_mac, MAX(at) AS at FROM send WHERE account_id = $1 AND at > $2 AND (outcome IS NULL OR outcome = 'replaced')
        GROUP BY number_mac ORDER BY 2";
    let rows = db
        .query_all_raw(statement(
            db,
            sql,
            [account.into(), (now - BETWEEN_SENDS).into()],
        ))
        .await?;
    let mut others = Vec::new();
    for row in rows {
        let at: Seconds = row.try_get("", "at")?;
        if row.try_get::<Vec<u8>>("", "number_mac")? == mac {
            return Ok(Err(LimitError {
                wait: (at + BETWEEN_SENDS - now).max(1),
            }));
        }
        others.push(at);
    }
    let tried = usize::try_from(NUMBERS_AT_ONCE).unwrap_or_default();
    // Another fits as soon as fewer than that were tried lately.
    let free = others
        .len()
        .checked_sub(tried)
        .and_then(|leave| others.get(leave));
    Ok(free.map_or(Ok(()), |at| {
        Err(LimitError {
            wait: (at + BETWEEN_SENDS - now).max(1),
        })
    }))
}

/// A message that was sent.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sent {
    /// When.
    pub at: Seconds,
    /// Where it went: two letters.
    pub country: String,
    /// Where it was asked for.
    pub address: String,
    /// Whether it was a call.
    pub voice: bool,
}

/// The messages of an account, while they are known to be its own: for a day.
pub async fn sent_to(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<Vec<Sent>, DbErr> {
    let sql = "SELECT at, country, address, voice FROM send WHERE account_id = $1 AND at > $2 ORDER BY at";
    Sent::find_by_statement(statement(db, sql, [account.into(), (now - DAY).into()]))
        .all(db)
        .await
}

/// Whether one more message fits under the ceilings of a day.
async fn day(
    transaction: &Transaction,
    ceilings: &Ceilings,
    region: &str,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    let daily = at_most(ceilings.daily, DAY);
    if let Err(too_often) = allow(transaction, "send WHERE 1 = 1", vec![], daily, now).await? {
        return Ok(Err(too_often));
    }
    let Some(ceiling) = ceilings.daily_spend else {
        return Ok(Ok(()));
    };
    let sql = "SELECT at, country, address, voice FROM send WHERE at > $1 ORDER BY at";
    let earlier = Sent::find_by_statement(statement(transaction, sql, [(now - DAY).into()]))
        .all(transaction)
        .await?;
    let mut cost = ceilings.price(region)
        + earlier
            .iter()
            .map(|sent| ceilings.price(&sent.country))
            .sum();
    if cost <= ceiling {
        return Ok(Ok(()));
    }
    // It fits when enough of the oldest have left the day; never, where one message is dearer than all that may be spent.
    for Sent { at, country, .. } in earlier {
        cost = cost - ceilings.price(&country);
        if cost <= ceiling {
            return Ok(Err(LimitError {
                wait: (at + DAY - now).max(1),
            }));
        }
    }
    Ok(Err(LimitError { wait: DAY }))
}

/// Forgets a message that was not sent. If it was to find out how a paused country does, another may.
pub async fn unsend(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    circuit_breaker::not_probed(db, id).await?;
    execute(db, "DELETE FROM send WHERE id = $1", [id.into()])
        .await
        .map(drop)
}

/// Counts a message once more: it went out twice, and was paid for twice.
pub async fn sent_once_more(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let sql = "INSERT INTO send (at, account_id, number_mac, address, verified, country, voice, network, prefix, wide_prefix, outcome)
               SELECT at, account_id, number_mac, address, verified, country, voice, network, prefix, wide_prefix, 'replaced'
               FROM send WHERE id = $1";
    execute(db, sql, [id.into()]).await.map(drop)
}

/// The code of this message was typed.
pub async fn confirmed(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
) -> Result<(), DbErr> {
    let sql = "UPDATE send SET outcome = 'confirmed' WHERE account_id = $1 AND at = $2 AND number_mac = $3 AND outcome IS NULL";
    execute(
        db,
        sql,
        [account.into(), sent_at.into(), mac.to_vec().into()],
    )
    .await
    .map(drop)
}

/// Another message takes the place of this one, if it was sent after `good_since`: its code was still good, so nothing can be learned
/// from its end.
pub async fn replaced(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
    good_since: Seconds,
) -> Result<(), DbErr> {
    let sql = "UPDATE send SET outcome = 'replaced' WHERE account_id = $1 AND at = $2 AND number_mac = $3 AND at > $4 AND outcome IS NULL";
    execute(
        db,
        sql,
        [
            account.into(),
            sent_at.into(),
            mac.to_vec().into(),
            good_since.into(),
        ],
    )
    .await
    .map(drop)
}

/// It does not, after all.
pub async fn restored(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
) -> Result<(), DbErr> {
    let sql = "UPDATE send SET outcome = NULL WHERE account_id = $1 AND at = $2 AND number_mac = $3 AND outcome = 'replaced'";
    execute(
        db,
        sql,
        [account.into(), sent_at.into(), mac.to_vec().into()],
    )
    .await
    .map(drop)
}

/// Whether the message of this account was a call.
pub async fn was_call(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
) -> Result<bool, DbErr> {
    let sql = "SELECT voice FROM send WHERE account_id = $1 AND at = $2 AND number_mac = $3";
    let row = db
        .query_one_raw(statement(
            db,
            sql,
            [account.into(), sent_at.into(), mac.to_vec().into()],
        ))
        .await?;
    row.map_or(Ok(false), |row| row.try_get("", "voice"))
}
