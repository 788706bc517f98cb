//! `pollstr status` and `resume`: show and control the sending of codes.

use pollstr::accounts::limits::circuit_breaker::area::Kind;
use pollstr::accounts::limits::circuit_breaker::{Pause, resume as pauses};
use pollstr::accounts::limits::sends::status::Status;
use pollstr::accounts::limits::sends::status_text::CountryLine;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::server::startup::{open_keys, update_existing};
use pollstr::web::time::machine;
use serde_json::{Value, json};

use crate::cli::manage::allowances::allowance;
use crate::cli::output::{Outcome, json};

/// Prints how many codes were sent, where, at what cost, and which areas are paused.
pub(crate) async fn status(config: &Config, as_json: bool) -> Outcome {
    let db = update_existing(config).await?;
    let status = Status::read(&db, &config.ceilings, Clock::system().now()).await?;
    db.close().await;
    if as_json {
        return json(&summary(config, &status));
    }
    Ok(status.to_string())
}

fn summary(config: &Config, status: &Status) -> Value {
    let ((sent, limit), (spend, spend_limit)) = (status.sent(), status.spend());
    let ranges = config
        .ceilings
        .ranges
        .iter()
        .map(|first| format!("+{first}"));
    let countries: Vec<_> = config
        .ceilings
        .countries
        .iter()
        .cloned()
        .chain(ranges)
        .collect();
    json!({
        "sent": sent,
        "limit": limit,
        "spend": spend.map(|spend| spend.to_string()),
        "spend_limit": spend_limit.map(|limit| limit.to_string()),
        "countries": countries,
        "raised_limits": status.raised.iter().map(allowance).collect::<Vec<_>>(),
        "pauses": status.paused.iter().map(pause).collect::<Vec<_>>(),
        "hour": status.by_country(&status.hour).into_iter().map(line).collect::<Vec<_>>(),
        "day": status.by_country(&status.day).into_iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: CountryLine) -> Value {
    let CountryLine {
        stats,
        percent,
        spend,
        ..
    } = line;
    // The line of all countries names none.
    let country = Some(&stats.country).filter(|country| !country.is_empty());
    json!({
        "country": country,
        "sent": stats.sent,
        "calls": stats.calls,
        "typed": stats.typed,
        "lost": stats.lost,
        "replaced": stats.replaced,
        "waiting": stats.waiting(),
        "typed_percent": percent,
        "spend": spend.map(|spend| spend.to_string()),
    })
}

fn pause(pause: &Pause) -> Value {
    // The value of a prefix is an HMAC.
    let (area, network) = match pause.what() {
        Some((Kind::Network, network)) => ("network", Some(network)),
        Some((Kind::Prefix | Kind::WidePrefix, _)) => ("prefix", None),
        _ => ("country", None),
    };
    json!({
        "area": area,
        "country": Some(&pause.country).filter(|country| !country.is_empty()),
        "network": network,
        "since": machine(pause.since),
        "typed": pause.typed,
        "lost": pause.lost,
    })
}

/// Ends pauses of codes to new numbers in the area that `what` names.
pub(crate) async fn resume(config: &Config, what: &str) -> Outcome {
    let db = update_existing(config).await?;
    let which = pauses::parse(what, &open_keys(config, &db).await?)?;
    let ended = pauses::resume(&db, &which, Clock::system().now()).await?;
    db.close().await;
    let what = what.trim();
    Ok(match ended {
        0 => format!("Nothing was paused for {what}."),
        1 => format!("Ended 1 pause for {what}; new numbers get codes again."),
        _ => format!("Ended {ended} pauses for {what}; new numbers get codes again."),
    })
}
