//! Parsers of individual settings.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::platform::config::address::UNIX_PEER;
use crate::platform::config::sources::{ConfigError, Sources, wrong};

/// Reads the log filter. A single word must be a level: `RUST_LOG` would take any other word as a
/// module and silence the rest.
pub(super) fn levels(sources: &Sources) -> Result<String, ConfigError> {
    const SETTING: &str = "POLLSTR_LOG";
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let text = sources.get(SETTING).unwrap_or_default();
    let parts: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let alone = |part: &str| {
        !part.contains(['=', '[', ']', '{', '}'])
            && !LEVELS.iter().any(|level| part.eq_ignore_ascii_case(level))
    };
    let module = |part: &str| {
        let name = part.split(['=', '[']).next().unwrap_or_default();
        name.chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "_:-".contains(sign))
    };
    if let Some(part) = parts.iter().find(|part| alone(part) || !module(part)) {
        return wrong(
            SETTING,
            format!(
                "\"{part}\" is not a level; use error, warn, info, debug, trace or off, or a level per module, such as pollstr=debug"
            ),
        );
    }
    let levels = parts.join(",");
    match tracing_subscriber::EnvFilter::try_new(&levels) {
        Ok(_) if !parts.is_empty() => Ok(levels),
        _ => wrong(
            SETTING,
            format!("\"{text}\" is not a list of levels such as info,pollstr=debug"),
        ),
    }
}

/// Reads the path of the secret file as an absolute one, so messages about it are clear from any
/// folder.
pub(super) fn secret_file(sources: &Sources) -> Result<PathBuf, ConfigError> {
    let path = sources.get("POLLSTR_SECRET_FILE").unwrap_or_default();
    std::path::absolute(path).or_else(|error| wrong("POLLSTR_SECRET_FILE", error.to_string()))
}

pub(super) fn drain(sources: &Sources) -> Result<Duration, ConfigError> {
    let text = sources.get("POLLSTR_DRAIN").unwrap_or_default();
    match text.parse() {
        Ok(seconds @ 0..=600) => Ok(Duration::from_secs(seconds)),
        _ => wrong(
            "POLLSTR_DRAIN",
            format!("\"{text}\" is not a number of seconds from 0 to 600"),
        ),
    }
}

pub(super) fn database_url(sources: &Sources) -> Result<String, ConfigError> {
    let url = sources.get("DATABASE_URL").unwrap_or_default();
    if url.starts_with("sqlite://")
        || url.starts_with("postgres://")
        || url.starts_with("postgresql://")
    {
        return Ok(url);
    }
    // The URL may hold a password, so it isn't repeated.
    wrong("DATABASE_URL", "must start with sqlite:// or postgres://")
}

pub(super) fn connections(sources: &Sources) -> Result<Option<u32>, ConfigError> {
    let Some(text) = sources.get("POLLSTR_CONNECTIONS") else {
        return Ok(None);
    };
    // On PostgreSQL live results and sealing each hold a connection.
    let fewest = if database_url(sources)?.starts_with("sqlite:") {
        1
    } else {
        4
    };
    match text.parse() {
        Ok(number) if (fewest..=1_000).contains(&number) => Ok(Some(number)),
        _ => wrong(
            "POLLSTR_CONNECTIONS",
            format!("\"{text}\" is not a number from {fewest} to 1000"),
        ),
    }
}

/// Reads the trusted networks. The word `unix` stands for all peers on a Unix socket.
pub(super) fn trusted_proxies(sources: &Sources) -> Result<Vec<IpNet>, ConfigError> {
    let text = sources.get("POLLSTR_TRUSTED_PROXIES").unwrap_or_default();
    let parse = |part: &str| match part {
        "unix" => Ok(IpNet::from(UNIX_PEER)),
        _ => part
            .parse::<IpNet>()
            .or_else(|_| part.parse::<IpAddr>().map(IpNet::from)),
    };
    let nets: Result<_, _> = text
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(parse)
        .collect();
    nets.or_else(|_| {
        wrong(
            "POLLSTR_TRUSTED_PROXIES",
            format!("\"{text}\" is not a list of networks such as 10.0.0.0/8, ::1, or unix"),
        )
    })
}
