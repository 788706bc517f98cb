//! The settings: read once at startup from `Leptos.toml` and the environment, and parsed into
//! types.
//!
//! This module is the only reader of the environment. An invalid setting aborts the start with a
//! one-line error that names it, so the rest of the program can rely on every value. All settings
//! are listed in [`settings`].

pub mod address;
pub mod contact;
mod in_file;
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
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

use crate::platform::config::address::{SiteAddress, metrics_address};
use crate::platform::config::contact::Contact;
use crate::platform::config::limits::SendLimits;
use crate::platform::config::settings::{SETTINGS, Setting};
use crate::platform::config::sources::{Sources, count, parse, short_text, switch, wrong};
use crate::platform::config::values::{
    connections, database_url, drain, levels, secret_file, trusted_proxies,
};

pub use crate::platform::config::origin::Origin;
pub use crate::platform::config::provider::Verify;
pub use crate::platform::config::sources::{ConfigError, SETTINGS_FILE, Source};

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// `LEPTOS_SITE_ADDR`: where the site listens.
    pub address: SiteAddress,
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
    /// `NOTIFY_SOCKET`, which systemd sets: the socket it wants to be notified on.
    pub notify_socket: Option<String>,
}

/// A setting in force: its value, if it has one, and where that comes from.
pub type InForce = (&'static Setting, Option<String>, Source);

impl Config {
    /// Reads a settings file and the environment, which wins. Without a path, the file is
    /// `Leptos.toml` in the current folder, if it exists.
    ///
    /// # Errors
    /// The first wrong setting.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let file = read(path)?;
        Self::from_environment(&file, &environment())
            .map_err(|error| error.in_file(path.unwrap_or(SETTINGS_FILE.as_ref())))
    }

    /// Reads the same sources as [`Config::load`] and returns each setting before it is parsed.
    ///
    /// # Errors
    /// When there is an unknown setting, or a file can't be read.
    pub fn explain(path: Option<&Path>) -> Result<Vec<InForce>, ConfigError> {
        let (file, environment) = (read(path)?, environment());
        let explained = || {
            unknown::check_environment(&environment)?;
            let sources = sources(&file, |name| text(&environment, name))?;
            Ok(SETTINGS
                .iter()
                .map(|setting| {
                    let (value, source) = sources.find(setting.name);
                    (setting, value, source)
                })
                .collect())
        };
        explained()
            .map_err(|error: ConfigError| error.in_file(path.unwrap_or(SETTINGS_FILE.as_ref())))
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
        Self::from_sources(file, |name| text(environment, name))
    }

    /// Reads a settings file's text and single environment variables.
    ///
    /// # Errors
    /// The first wrong setting.
    pub fn from_sources(
        file: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let sources = sources(file, environment)?;
        let address = SiteAddress::read(&sources)?;
        let Some(origin) = sources.get("POLLSTR_ORIGIN").or_else(|| address.origin()) else {
            return wrong(
                "POLLSTR_ORIGIN",
                "required with a Unix socket: the site's public address, such as https://polls.example.org",
            );
        };
        let Some(origin) = Origin::parse(&origin) else {
            return wrong(
                "POLLSTR_ORIGIN",
                format!("\"{origin}\" is not an origin such as https://polls.example.org"),
            );
        };
        let verify = Verify::read(&sources, address.is_loopback() && origin.is_loopback())?;
        Ok(Self {
            brand: verify.brand(&sources)?,
            verify,
            metrics_address: metrics_address(&sources, &address)?,
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
            start_wait: Duration::from_secs(count(&sources, "POLLSTR_START_WAIT")?.unsigned_abs()),
            drain: drain(&sources)?,
            notify_socket: sources.variable("NOTIFY_SOCKET"),
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
        !(self.address.is_loopback() && self.origin.is_loopback())
    }

    /// Returns whether the simulator is the provider.
    #[must_use]
    pub fn simulated(&self) -> bool {
        matches!(self.verify, Verify::Simulator)
    }

    /// Returns the value of a setting whose default depends on others.
    #[must_use]
    pub fn derived(&self, name: &str) -> Option<String> {
        match name {
            "POLLSTR_ORIGIN" => Some(self.origin.as_str().to_owned()),
            "POLLSTR_VERIFY" => Some(self.verify.setting().to_owned()),
            "POLLSTR_VERIFY_URL" => self.verify.base_url().map(ToOwned::to_owned),
            _ => None,
        }
    }

    /// Returns whether an IP address is a trusted proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|net| net.contains(&address))
    }
}

/// Reads the settings file. Only the default one may be missing.
fn read(path: Option<&Path>) -> Result<String, ConfigError> {
    let file = path.unwrap_or(SETTINGS_FILE.as_ref());
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if path.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            Ok(String::new())
        }
        Err(error) => Err(ConfigError::in_default_file(error.to_string()).in_file(file)),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one reader of the environment"
)]
fn environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

fn text(environment: &[(OsString, OsString)], name: &str) -> Option<String> {
    let (_, value) = environment.iter().find(|(known, _)| known == name)?;
    value.to_str().map(ToOwned::to_owned)
}

fn sources<'a>(
    file: &str,
    environment: impl Fn(&str) -> Option<String> + 'a,
) -> Result<Sources<'a>, ConfigError> {
    let table = parse(file)?;
    unknown::check_file(&table)?;
    Sources::new(table, environment)
}

#[cfg(test)]
mod tests;
