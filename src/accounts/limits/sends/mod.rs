//! Codes sent: whether one may be sent now, which were sent, and how each ended.

mod outcomes;
pub(super) mod request;
pub mod status;
pub mod status_text;
pub(super) mod turns;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::accounts::limits::circuit_breaker::area::Kind;
use crate::accounts::limits::circuit_breaker::{self, Decision};
use crate::accounts::limits::counting::wait;
use crate::accounts::limits::limit::{
    BETWEEN_SENDS, DAY, Limit, MAX_NUMBERS_WITHOUT_WAIT, RESERVED_FOR_OTHERS, Rate, TooOften,
};
use crate::accounts::limits::sends::request::rounded;
use crate::accounts::limits::sends::turns::Turn;
use crate::accounts::limits::{overrides, tries};
use crate::platform::clock::Seconds;
use crate::platform::config::limits::SendLimits;
use crate::platform::db::{Transaction, statement};

pub use crate::accounts::limits::sends::outcomes::{
    count_resend, delete_send, mark_confirmed, mark_replaced, unmark_replaced, was_call,
};
pub use crate::accounts::limits::sends::request::{Send, SendDecision, SendDenied, Sent};
pub use crate::accounts::limits::sends::turns::{blocking_codes, wait as wait_for_turn};

/// Decides whether a code may be sent, within the transaction that claims it, and counts it if so.
pub async fn decide(
    transaction: &Transaction,
    ceilings: &SendLimits,
    send: Send<'_>,
    now: Seconds,
) -> Result<SendDecision, DbErr> {
    let overridden = overrides::of(transaction, send.address, now).await?;
    // An event announced by the operator bypasses the circuit breaker, but not the daily ceilings.
    let decision = if send.verified || overridden.is_some() {
        Decision::Allow(Vec::new())
    } else {
        circuit_breaker::ask(transaction, send, ceilings.hourly, now).await?
    };
    let probes = match decision {
        Decision::Allow(probes) => probes,
        Decision::Deny(wait) if wait.kind == Kind::Network => {
            return Ok(too_often(Limit::SendFromAddress, wait.seconds));
        }
        Decision::Deny(wait) => {
            let country = send.country.map_or("no country", |country| country.name);
            return Ok(SendDecision::Denied(SendDenied::Paused { country, wait }));
        }
    };
    let turn = turns::take(transaction, send, now).await?;
    match turn {
        Turn::Others => return Ok(SendDecision::Denied(SendDenied::number_in_use(send.life))),
        Turn::Ending(wait) => return Ok(SendDecision::Denied(SendDenied::JustNow(wait))),
        Turn::First | Turn::Again => {}
    }
    let wait = rates(transaction, ceilings, send, turn, overridden, now).await?;
    if wait > 0 {
        return Ok(too_often(Limit::SendToNumber, wait));
    }
    let wait = day(transaction, ceilings, send.region(), now).await?;
    if wait > 0 {
        tracing::error!(
            country = send.region(),
            wait,
            "the day's ceiling is reached: no codes are sent"
        );
        return Ok(too_often(Limit::SendPerDay, wait));
    }
    circuit_breaker::probed(transaction, probes, &send.areas.network, now).await?;
    Ok(SendDecision::Allowed(insert(transaction, send, now).await?))
}

fn too_often(limit: Limit, wait: Seconds) -> SendDecision {
    SendDecision::Denied(TooOften { limit, wait }.into())
}

/// Inserts a row of `send` and returns its ID.
async fn insert(transaction: &Transaction, send: Send<'_>, now: Seconds) -> Result<i64, DbErr> {
    let sql = "INSERT INTO send (at, account_id, number_mac, address, verified, country, voice, network, prefix, wide_prefix)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";
    let values: [Value; 10] = [
        now.into(),
        send.account.into(),
        send.number_mac.to_vec().into(),
        send.address.into(),
        send.verified.into(),
        send.region().into(),
        send.voice.into(),
        send.areas.network.as_str().into(),
        send.areas.prefix.as_str().into(),
        send.areas.wide_prefix.as_str().into(),
    ];
    let row = transaction
        .query_one_raw(statement(transaction, sql, values))
        .await?;
    row.ok_or(DbErr::RecordNotInserted)?.try_get("", "id")
}

/// Returns the seconds until the limits of the number, account, address and site allow a code.
async fn rates(
    transaction: &Transaction,
    ceilings: &SendLimits,
    send: Send<'_>,
    turn: Turn,
    overridden: Option<i64>,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let first = turn == Turn::First;
    let mac = send.number_mac.to_vec();
    let which = "send WHERE number_mac = $1";
    let mut longest = wait(transaction, which, vec![mac.into()], to_number(first), now).await?;
    if first && !send.verified {
        longest = rounded(longest);
    }
    let own = own_wait(transaction, send.account, send.number_mac, first, now).await?;

    let from_address = if send.verified {
        ceilings.from_address
    } else {
        Limit::SendFromAddress.rate().most
    };
    let from_address = Rate {
        most: from_address.max(overridden.unwrap_or_default()),
        ..Limit::SendFromAddress.rate()
    };
    let which = "send WHERE address = $1 AND verified = $2";
    let values = vec![send.address.into(), send.verified.into()];
    let address = wait(transaction, which, values, from_address, now).await?;

    let hourly = Rate {
        most: ceilings.hourly,
        ..Limit::SendBySite.rate()
    };
    let site = wait(transaction, "send WHERE 1 = 1", vec![], hourly, now).await?;
    Ok(longest.max(own).max(address).max(site))
}

/// Returns the rate of codes to a number. `first` says that the account may use all of them.
fn to_number(first: bool) -> Rate {
    let rate = Limit::SendToNumber.rate();
    Rate {
        most: rate.most - if first { 0 } else { RESERVED_FOR_OTHERS },
        ..rate
    }
}

/// Returns the seconds until an account's own limits allow a code. They don't reveal what others
/// were sent at the number.
async fn own_wait(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    first: bool,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let own = "send WHERE number_mac = $1 AND account_id = $2";
    let number = || vec![Value::from(mac.to_vec()), account.into()];
    let rules = [
        (own, number(), Limit::SendToNumberByAccount.rate()),
        (own, number(), to_number(first)),
        (
            "send WHERE account_id = $1",
            vec![account.into()],
            Limit::SendByAccount.rate(),
        ),
    ];
    let mut longest = 0;
    for (which, values, rate) in rules {
        longest = longest.max(wait(db, which, values, rate, now).await?);
    }
    Ok(longest)
}

/// Returns the seconds until an account can be sent another code at a number, judged by its own
/// limits only.
pub async fn next_send(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    owner: bool,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let own = own_wait(db, account, mac, owner, now).await?;
    Ok(own.max(tries::wait_for_tries(db, account, now).await?))
}

/// Returns the seconds until the wait after the last code is over: at this number, or at any if the
/// account has tried as many as it may without waiting. Typed codes don't count.
pub async fn wait_between_sends(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let sql = "SELECT number_mac, MAX(at) AS at FROM send WHERE account_id = $1 AND at > $2 AND (outcome IS NULL OR outcome = 'replaced')
        GROUP BY number_mac ORDER BY 2";
    let rows = db
        .query_all_raw(statement(
            db,
            sql,
            [account.into(), (now - BETWEEN_SENDS).into()],
        ))
        .await?;
    let left = |at: Seconds| (at + BETWEEN_SENDS - now).max(1);
    let mut others = Vec::new();
    for row in rows {
        let at: Seconds = row.try_get("", "at")?;
        if row.try_get::<Vec<u8>>("", "number_mac")? == mac {
            return Ok(left(at));
        }
        others.push(at);
    }
    // Another number is allowed once fewer than that were tried in the last half minute.
    let frees = others
        .len()
        .checked_sub(MAX_NUMBERS_WITHOUT_WAIT)
        .and_then(|index| others.get(index));
    Ok(frees.map_or(0, |at| left(*at)))
}

/// Returns an account's messages of the last day; older ones are no longer linked to it.
pub async fn recent_sends(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<Vec<Sent>, DbErr> {
    let sql = "SELECT at, country, address, voice FROM send WHERE account_id = $1 AND at > $2 ORDER BY at";
    Sent::find_by_statement(statement(db, sql, [account.into(), (now - DAY).into()]))
        .all(db)
        .await
}

/// Returns the seconds until the daily ceilings of messages and money allow a code.
async fn day(
    transaction: &Transaction,
    ceilings: &SendLimits,
    region: &str,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let daily = Rate {
        most: ceilings.daily,
        ..Limit::SendPerDay.rate()
    };
    let messages = wait(transaction, "send WHERE 1 = 1", vec![], daily, now).await?;
    if messages > 0 {
        return Ok(messages);
    }
    let Some(ceiling) = ceilings.daily_spend else {
        return Ok(0);
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
        return Ok(0);
    }
    // It is allowed once enough of the oldest are more than a day old; never, if one message costs
    // more than the whole ceiling.
    for Sent { at, country, .. } in earlier {
        cost = cost - ceilings.price(&country);
        if cost <= ceiling {
            return Ok((at + DAY - now).max(1));
        }
    }
    Ok(DAY)
}
