//! `pollstr status`, `allow` and `resume`: show and control the sending of codes.

use std::net::IpAddr;

use pollstr::accounts::limits::allow_for_an_event;
use pollstr::accounts::limits::circuit_breaker::resume as pauses;
use pollstr::accounts::limits::sends::status::Status;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::server::startup::{open_keys, update_existing};
use pollstr::web::http::client_ip::ClientIp;
use pollstr::web::time::day;

use crate::cli::output::Outcome;

/// Prints how many codes were sent, where, at what cost, and which areas are paused.
pub(crate) async fn status(config: &Config) -> Outcome {
    let db = update_existing(config).await?;
    let status = Status::read(&db, &config.ceilings, Clock::system().now()).await?;
    db.close().await;
    Ok(status.to_string())
}

/// Raises the hourly limits of one address for `hours`.
pub(crate) async fn allow(config: &Config, address: IpAddr, an_hour: u32, hours: u32) -> Outcome {
    let db = update_existing(config).await?;
    let (address, until) = (
        ClientIp::of(address).0,
        Clock::system().now() + i64::from(hours) * 3_600,
    );
    allow_for_an_event(&db, &address, an_hour.into(), until).await?;
    db.close().await;
    let allowed = format!(
        "Allowed {an_hour} new accounts and {an_hour} codes per hour from {address} until {}.",
        day(until)
    );
    let too_low = config.ceilings.in_the_way_of(an_hour.into(), hours.into());
    Ok(too_low.map_or(allowed.clone(), |ceilings| format!("{allowed}\n{ceilings}")))
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
