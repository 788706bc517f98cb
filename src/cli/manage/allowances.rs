//! `pollstr allow`: raises the limits of an address for an event, lists and removes such limits.

use std::net::IpAddr;

use pollstr::accounts::limits::allow_for_an_event;
use pollstr::accounts::limits::overrides;
use pollstr::accounts::limits::overrides::LimitOverride;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::server::startup::{open_current, update_existing};
use pollstr::web::http::client_ip::ClientIp;
use pollstr::web::time::{day, machine};
use serde_json::{Value, json};

use crate::cli::args::allow::{AllowArgs, Allowance};
use crate::cli::failure::CommandError;
use crate::cli::output::{Outcome, json};
use crate::cli::table::table;

pub(crate) async fn allow(config: &Config, arguments: AllowArgs) -> Outcome {
    let AllowArgs {
        command,
        address,
        an_hour,
        hours,
    } = arguments;
    match (command, address, an_hour, hours) {
        (Some(Allowance::List { json }), ..) => list(config, json).await,
        (Some(Allowance::Remove { address }), ..) => remove(config, address).await,
        (None, Some(address), Some(an_hour), Some(hours)) => {
            raise(config, address, an_hour, hours).await
        }
        // Clap requires all three.
        (None, ..) => Err("an address, a number per hour and a number of hours are needed".into()),
    }
}

/// Raises the hourly limits of one address for `hours`.
async fn raise(config: &Config, address: IpAddr, an_hour: u32, hours: u32) -> Outcome {
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

async fn list(config: &Config, as_json: bool) -> Outcome {
    let db = open_current(config).await?;
    let raised = overrides::list(db.read(), Clock::system().now()).await?;
    db.close().await;
    if as_json {
        return json(&raised.iter().map(allowance).collect());
    }
    if raised.is_empty() {
        return Ok("No address has a raised limit.".to_owned());
    }
    let rows: Vec<_> = raised
        .into_iter()
        .map(|raised| [raised.address, raised.most.to_string(), day(raised.until)])
        .collect();
    Ok(table(["ADDRESS", "PER HOUR", "UNTIL"], &rows))
}

async fn remove(config: &Config, address: IpAddr) -> Outcome {
    let db = update_existing(config).await?;
    let address = ClientIp::of(address).0;
    let removed = overrides::remove(&db, &address, Clock::system().now()).await?;
    db.close().await;
    if removed {
        Ok(format!("{address} has the usual limit again."))
    } else {
        let missing = format!("{address} has no raised limit; `pollstr allow list` shows all");
        Err(CommandError::Missing(missing).into())
    }
}

/// Returns a raised limit as JSON.
pub(crate) fn allowance(raised: &LimitOverride) -> Value {
    json!({ "address": raised.address, "per_hour": raised.most, "until": machine(raised.until) })
}
