//! Messages: who may have one now, which were sent, and what became of them.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::accounts::limits::area::Kind;
use crate::accounts::limits::circuit_breaker::Decision;
use crate::accounts::limits::counting::{LimitError, allow, longest};
use crate::accounts::limits::rules::{
    BETWEEN_SENDS, BY_ACCOUNT, DAY, FROM_ADDRESS_TO_NEW, HOUR, KEPT_FOR_OTHERS, NUMBERS_AT_ONCE,
    ROUNDED_TO, TO_NUMBER, TO_NUMBER_BY_ACCOUNT, at_most,
};
use crate::accounts::limits::send_request::{Send, SendDenied, Sent};
use crate::accounts::limits::turns::Turn;
use crate::accounts::limits::{circuit_breaker, overrides, turns};
use crate::platform::clock::Seconds;
use crate::platform::config::limits::Ceilings;
use crate::platform::db::{Transaction, statement};
use crate::verification::numbers::countries::Country;

impl LimitError {
    /// Rounds the wait up, where it would tell when somebody else had a code.
    pub(super) fn rounded(self) -> Self {
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
        crate::accounts::limits::attempts::may_type_codes(db, account, now).await?,
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
