//! The settings: read once at startup from `Leptos.toml` and the environment, and parsed into
//! types.
//!
//! This module is the only reader of the environment. An invalid setting aborts the start with a
//! one-line error that names it, so the rest of the program can rely on every value. All settings
//! are listed in [`settings`].

pub mod contact;
pub mod limits;
pub mod money;
mod origin;
pub mod provider;
pub mod settings;
mod sources;
mod unknown;
mod values;

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::platform::config::contact::Contact;
use crate::platform::config::limits::SendLimits;
use crate::platform::config::sources::{Sources, count, parse, short_text, switch, wrong};
use crate::platform::config::values::{
    address, connections, database_url, drain, levels, metrics_address, secret_file,
    trusted_proxies,
};

pub use crate::platform::config::origin::Origin;
pub use crate::platform::config::provider::Verify;
pub use crate::platform::config::sources::{ConfigError, SETTINGS_FILE};

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// `LEPTOS_SITE_ADDR`: where the site listens.
    pub address: SocketAddr,
    /// `DATABASE_URL`: `sqlite://path` or `postgres://…`.
    pub database_url: String,
    /// `POLLSTR_CONNECTIONS`: read connections to SQLite (8), or all connections to PostgreSQL
    /// (16).
    pub connections: Option<u32>,
    /// `POLLSTR_ORIGIN`: the public origin of the site.
    pub origin: Origin,
    /// `POLLSTR_TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// `POLLSTR_VERIFY` and its credentials: the verification provider.
    pub verify: Verify,
    /// `POLLSTR_BRAND`: the name in the texts, at most 18 characters, or 16 for Vonage Verify v2.
    pub brand: String,
    /// `POLLSTR_SENDER_ID`: sender of the texts, at most 11 characters.
    pub sender_id: Option<String>,
    /// `POLLSTR_SECRET_FILE`: the file that all keys are derived from.
    pub secret_file: PathBuf,
    /// `POLLSTR_CONTACT`: the help contact.
    pub contact: Option<Contact>,
    /// `POLLSTR_LOG`: log filter in the syntax of `RUST_LOG`.
    pub log: String,
    /// `POLLSTR_SEED`: whether an empty database gets the demo data.
    pub seed: bool,
    /// Limits of codes.
    pub ceilings: SendLimits,
    /// `POLLSTR_MOBILE_ONLY`: whether landlines can't vote in any poll.
    pub mobile_only: bool,
    /// `POLLSTR_DAILY_POLLS`: new polls per account in 24 hours.
    pub daily_polls: i64,
    /// `POLLSTR_DRAIN`: how long connections are still accepted after SIGTERM, while `/readyz`
    /// answers 503.
    pub drain: Duration,
    /// `POLLSTR_METRICS_ADDR`: address of the metrics listener, if any.
    pub metrics_address: Option<SocketAddr>,
    /// `POLLSTR_START_WAIT`: how long to wait for the startup lock.
    pub start_wait: Duration,
}

impl Config {
    /// Reads `Leptos.toml` in the current folder, if it exists, and the environment, which wins.
    ///
    /// # Errors
    /// The first wrong setting.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one reader of the environment"
    )]
    pub fn load() -> Result<Self, ConfigError> {
        let file = match std::fs::read_to_string(SETTINGS_FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(ConfigError::File(error.to_string())),
        };
        Self::from_environment(&file, &std::env::vars_os().collect::<Vec<_>>())
    }

    /// Reads a settings file's text and a whole environment, in which unknown settings are refused.
    ///
    /// # Errors
    /// The first wrong or unknown setting.
    pub fn from_environment(
        file: &str,
        environment: &[(OsString, OsString)],
    ) -> Result<Self, ConfigError> {
        unknown::check_environment(environment)?;
        Self::from_sources(file, |name| {
            let (_, value) = environment.iter().find(|(known, _)| known == name)?;
            value.to_str().map(ToOwned::to_owned)
        })
    }

    /// Reads a settings file's text and single environment variables.
    ///
    /// # Errors
    /// The first wrong setting.
    pub fn from_sources(
        file: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let sources = Sources {
            file: parse(file)?,
            environment: Box::new(environment),
        };
        unknown::check_file(&sources.file)?;
        let address = address(&sources)?;
        let origin = sources
            .get("POLLSTR_ORIGIN")
            .unwrap_or_else(|| format!("http://{address}"));
        let Some(origin) = Origin::parse(&origin) else {
            return wrong(
                "POLLSTR_ORIGIN",
                format!("\"{origin}\" is not an origin such as https://polls.example.org"),
            );
        };
        let verify = Verify::read(&sources, address.ip().is_loopback() && origin.is_loopback())?;
        Ok(Self {
            brand: verify.brand(&sources)?,
            verify,
            address,
            database_url: database_url(&sources)?,
            connections: connections(&sources)?,
            origin,
            trusted_proxies: trusted_proxies(&sources)?,
            sender_id: short_text(&sources, "POLLSTR_SENDER_ID", 11)?,
            secret_file: secret_file(&sources)?,
            contact: Contact::read(&sources)?,
            log: levels(&sources)?,
            seed: switch(&sources, "POLLSTR_SEED")?,
            ceilings: SendLimits::read(&sources)?,
            mobile_only: switch(&sources, "POLLSTR_MOBILE_ONLY")?,
            daily_polls: count(&sources, "POLLSTR_DAILY_POLLS")?,
            metrics_address: metrics_address(&sources, address)?,
            start_wait: Duration::from_secs(count(&sources, "POLLSTR_START_WAIT")?.unsigned_abs()),
            drain: drain(&sources)?,
        })
    }

    /// Returns whether this is a demo: simulated phones, reachable from this machine only. Only
    /// then does the demo account exist and can log in.
    #[must_use]
    pub fn demo(&self) -> bool {
        self.simulated() && !self.is_public()
    }

    /// Returns whether other machines can reach the site.
    #[must_use]
    pub fn is_public(&self) -> bool {
        !(self.address.ip().is_loopback() && self.origin.is_loopback())
    }

    /// Returns whether the simulator is the provider.
    #[must_use]
    pub fn simulated(&self) -> bool {
        matches!(self.verify, Verify::Simulator)
    }

    /// Returns whether an IP address is a trusted proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|net| net.contains(&address))
    }
}

#[cfg(test)]
mod tests;
