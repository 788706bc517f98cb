//! The settings: read once, at the start, from `Leptos.toml` and the environment, and parsed into types.
//!
//! This file is the only reader of the environment. A setting that is wrong stops the start with one line that names it; what
//! comes out of here is right, so nobody else checks it again.

pub mod sending;
pub mod verify;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use thiserror::Error;
use toml::{Table, Value};
use url::{Host, Url};

use self::sending::Ceilings;
pub use self::verify::Verify;

/// Where the settings file is looked for: the folder the command is run in.
pub const SETTINGS_FILE: &str = "Leptos.toml";

/// How long connections are taken after the word to stop, unless that is set: with it, the process is gone within ten seconds.
const DRAIN: Duration = Duration::from_secs(2);

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// `LEPTOS_SITE_ADDR`: where the site listens.
    pub address: SocketAddr,
    /// `DATABASE_URL`: `sqlite://path` or `postgres://…`.
    pub database_url: String,
    /// `POLLSTR_CONNECTIONS`: how many connections read from SQLite, or are held to PostgreSQL; by default 8, or 16.
    pub connections: Option<u32>,
    /// `POLLSTR_ORIGIN`: the one public origin of the site.
    pub origin: Origin,
    /// `POLLSTR_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `POLLSTR_VERIFY` and what belongs to it: who sends the codes.
    pub verify: Verify,
    /// `POLLSTR_BRAND`: the name that stands in the texts, at most 18 characters, or 16 for Vonage Verify v2.
    pub brand: String,
    /// `POLLSTR_SENDER_ID`: who the texts are from, at most 11 characters.
    pub sender_id: Option<String>,
    /// `POLLSTR_SECRET_FILE`: the file whose contents all keys are derived from.
    pub secret_file: PathBuf,
    /// `POLLSTR_LOG`: what is logged, in the words of `RUST_LOG`.
    pub log: String,
    /// `POLLSTR_SEED`: whether an empty database gets the demo.
    pub seed: bool,
    /// How many codes may be sent, where to, and for how much money.
    pub ceilings: Ceilings,
    /// `POLLSTR_DRAIN`: how long connections are still taken after the process was told to stop, while `/readyz` says 503.
    pub drain: Duration,
    /// `POLLSTR_METRICS_ADDR`: where Prometheus may ask; nowhere, unless it is set.
    pub metrics_address: Option<SocketAddr>,
}

/// The public origin: scheme, host and port, as a browser sends it in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
    https: bool,
    loopback: bool,
    named: bool,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !bare || !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let loopback = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        let host = url.host_str()?.to_owned();
        let named = matches!(url.host()?, Host::Domain(_));
        Some(Self { text: url.origin().ascii_serialization(), host, https: url.scheme() == "https", loopback, named })
    }

    /// As in `https://polls.example.org`, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As in `polls.example.org`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether browsers let passkeys be made for it: only where the connection is safe, and never for the bare number of a machine.
    #[must_use]
    pub fn takes_passkeys(&self) -> bool {
        self.named && (self.https || self.loopback)
    }

    /// Whether cookies may be `Secure` and HSTS be sent.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }
}

/// Why the settings cannot be used. Each names the setting.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The settings file is there and cannot be read.
    #[error("{SETTINGS_FILE}: {0}")]
    File(String),
    /// A setting has a value that means nothing.
    #[error("{setting}: {why}")]
    Setting {
        /// The name of the environment variable.
        setting: &'static str,
        /// What is wrong, and what would be right.
        why: String,
    },
}

fn wrong<T>(setting: &'static str, why: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Setting { setting, why: why.into() })
}

impl Config {
    /// Reads the settings file of this folder, if there is one, and the environment, which wins.
    ///
    /// # Errors
    /// The first setting that is wrong.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    pub fn load() -> Result<Self, ConfigError> {
        let file = match std::fs::read_to_string(SETTINGS_FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(ConfigError::File(error.to_string())),
        };
        Self::from_sources(&file, |name| std::env::var(name).ok())
    }

    /// Reads the settings from the text of a settings file and from an environment.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn from_sources(file: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let sources =
            Sources { file: file.parse().map_err(|error: toml::de::Error| ConfigError::File(error.message().to_owned()))?, environment };
        let address = address(&sources)?;
        let origin = sources.get("POLLSTR_ORIGIN").unwrap_or_else(|| format!("http://{address}"));
        let Some(origin) = Origin::parse(&origin) else {
            return wrong("POLLSTR_ORIGIN", format!("\"{origin}\" is not an origin such as https://polls.example.org"));
        };
        let verify = Verify::read(&sources, address.ip().is_loopback() && origin.loopback)?;
        Ok(Self {
            brand: verify.brand(&sources)?,
            verify,
            address,
            database_url: database_url(&sources)?,
            connections: connections(&sources)?,
            origin,
            trusted_proxies: trusted_proxies(&sources)?,
            sender_id: short_text(&sources, "POLLSTR_SENDER_ID", 11)?,
            secret_file: sources.get("POLLSTR_SECRET_FILE").unwrap_or_else(|| "data/secret.key".to_owned()).into(),
            log: sources.get("POLLSTR_LOG").unwrap_or_else(|| "info".to_owned()),
            seed: switch(&sources, "POLLSTR_SEED")?,
            ceilings: Ceilings::read(&sources)?,
            drain: drain(&sources)?,
            metrics_address: metrics_address(&sources)?,
        })
    }

    /// Whether this is the demo on somebody's own machine: simulated phones, reached from here alone. Only then is there a demo
    /// account, and only then can it log in.
    #[must_use]
    pub fn demo(&self) -> bool {
        self.simulated() && self.address.ip().is_loopback() && self.origin.loopback
    }

    /// Whether codes go to the pretended phone network.
    #[must_use]
    pub fn simulated(&self) -> bool {
        matches!(self.verify, Verify::Simulator)
    }

    /// Whether this address is a proxy whose word on the visitor's address is believed.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }
}

/// The two places a setting can stand in; the environment wins.
struct Sources<F> {
    file: Table,
    environment: F,
}

impl<F: Fn(&str) -> Option<String>> Sources<F> {
    /// A setting by its environment name. In the file it stands in `[pollstr]`, lower-case, without `POLLSTR_`. An empty value is
    /// no value. Secrets are never read from the file.
    fn get(&self, name: &str) -> Option<String> {
        let key = name.trim_start_matches("POLLSTR_").to_ascii_lowercase().replace('_', "-");
        (self.environment)(name).or_else(|| self.table(&["pollstr"], &key)).filter(|value| !value.trim().is_empty())
    }

    fn secret(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.trim().is_empty())
    }

    fn table(&self, path: &[&str], key: &str) -> Option<String> {
        let table = path.iter().try_fold(&self.file, |table, step| table.get(*step)?.as_table())?;
        Some(match table.get(key)? {
            Value::String(text) => text.clone(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        })
    }
}

fn address(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<SocketAddr, ConfigError> {
    let text = sources.secret("LEPTOS_SITE_ADDR").or_else(|| sources.table(&["package", "metadata", "leptos"], "site-addr"));
    let text = text.unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    text.parse().or_else(|_| wrong("LEPTOS_SITE_ADDR", format!("\"{text}\" is not an address such as 127.0.0.1:3000")))
}

fn metrics_address(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<Option<SocketAddr>, ConfigError> {
    let Some(text) = sources.get("POLLSTR_METRICS_ADDR") else { return Ok(None) };
    text.parse().map(Some).or_else(|_| wrong("POLLSTR_METRICS_ADDR", format!("\"{text}\" is not an address such as 127.0.0.1:9100")))
}

fn drain(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<Duration, ConfigError> {
    let Some(text) = sources.get("POLLSTR_DRAIN") else { return Ok(DRAIN) };
    match text.parse() {
        Ok(seconds @ 0..=600) => Ok(Duration::from_secs(seconds)),
        _ => wrong("POLLSTR_DRAIN", format!("\"{text}\" is not a number of seconds from 0 to 600")),
    }
}

fn database_url(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<String, ConfigError> {
    let url =
        sources.secret("DATABASE_URL").or_else(|| sources.get("DATABASE_URL")).unwrap_or_else(|| "sqlite://data/pollstr.db".to_owned());
    if url.starts_with("sqlite://") || url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(url);
    }
    // The address may hold a password, so it is not repeated.
    wrong("DATABASE_URL", "it must begin with sqlite:// or postgres://")
}

fn connections(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<Option<u32>, ConfigError> {
    let Some(text) = sources.get("POLLSTR_CONNECTIONS") else { return Ok(None) };
    // On PostgreSQL live results hold one connection and the sealing of polls another.
    let fewest = if database_url(sources)?.starts_with("sqlite:") { 1 } else { 4 };
    match text.parse() {
        Ok(number) if (fewest..=1_000).contains(&number) => Ok(Some(number)),
        _ => wrong("POLLSTR_CONNECTIONS", format!("\"{text}\" is not a number from {fewest} to 1000")),
    }
}

fn trusted_proxies(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<Vec<IpNet>, ConfigError> {
    let text = sources.get("POLLSTR_TRUSTED_PROXIES").unwrap_or_default();
    let parse = |part: &str| part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
    let nets: Result<_, _> = text.split([',', ' ']).filter(|part| !part.is_empty()).map(parse).collect();
    nets.or_else(|_| wrong("POLLSTR_TRUSTED_PROXIES", format!("\"{text}\" is not a list of networks such as 10.0.0.0/8, ::1")))
}

fn short_text(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
    setting: &'static str,
    most: usize,
) -> Result<Option<String>, ConfigError> {
    match sources.get(setting) {
        Some(text) if text.chars().count() > most => wrong(setting, format!("it may have at most {most} characters")),
        text => Ok(text),
    }
}

fn switch(sources: &Sources<impl Fn(&str) -> Option<String>>, setting: &'static str) -> Result<bool, ConfigError> {
    match sources.get(setting).as_deref() {
        None | Some("on" | "true") => Ok(true),
        Some("off" | "false") => Ok(false),
        Some(other) => wrong(setting, format!("\"{other}\" is neither on nor off")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_sources("", |name| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    fn refused(settings: &[(&str, &str)]) -> String {
        config(settings).unwrap_err().to_string()
    }

    #[test]
    fn without_any_setting_it_is_the_demo_on_this_machine() {
        let config = config(&[]).unwrap();
        assert_eq!(config.address.to_string(), "127.0.0.1:3000");
        assert_eq!(config.origin.as_str(), "http://127.0.0.1:3000");
        assert!(config.demo() && config.seed && config.simulated());
    }

    #[test]
    fn the_simulator_is_no_default_where_others_can_reach_it() {
        assert!(refused(&[("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]).starts_with("POLLSTR_VERIFY: "));
        assert!(refused(&[("POLLSTR_ORIGIN", "https://polls.example.org")]).starts_with("POLLSTR_VERIFY: "));
        let said_aloud = config(&[("LEPTOS_SITE_ADDR", "0.0.0.0:3000"), ("POLLSTR_VERIFY", "simulator")]).unwrap();
        assert!(said_aloud.simulated() && !said_aloud.demo());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (setting, value) in [
            ("LEPTOS_SITE_ADDR", "nowhere"),
            ("DATABASE_URL", "mysql://x"),
            ("POLLSTR_ORIGIN", "https://a.example/path"),
            ("POLLSTR_ORIGIN", "ftp://a.example"),
            ("POLLSTR_TRUSTED_PROXIES", "10.0.0.0/8, moon"),
            ("POLLSTR_VERIFY", "pigeon"),
            ("POLLSTR_BRAND", "a brand of nineteen"),
            ("POLLSTR_SENDER_ID", "TWELVELETTRS"),
            ("POLLSTR_SEED", "maybe"),
            ("POLLSTR_METRICS_ADDR", "9100"),
            ("POLLSTR_CONNECTIONS", "0"),
            ("POLLSTR_DRAIN", "soon"),
            ("POLLSTR_DRAIN", "601"),
            ("POLLSTR_DRAIN", "-1"),
        ] {
            assert!(refused(&[(setting, value)]).starts_with(&format!("{setting}: ")), "{setting}={value}");
        }
    }

    #[test]
    fn passkeys_take_a_name_and_a_safe_connection() {
        let takes = |origin| Origin::parse(origin).unwrap().takes_passkeys();
        for origin in ["https://polls.example.org", "https://polls.example.org:8443", "http://localhost:3000", "http://a.localhost"] {
            assert!(takes(origin), "{origin}");
        }
        for origin in ["http://polls.example.org", "http://127.0.0.1:3000", "https://192.0.2.7", "https://[2001:db8::1]", "http://[::1]"] {
            assert!(!takes(origin), "{origin}");
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file =
            "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:4000\"\n[pollstr]\nbrand = \"Club\"\ntrusted-proxies = [\"10.0.0.0/8\"]";
        let config = Config::from_sources(file, |name| (name == "POLLSTR_BRAND").then(|| "Council".to_owned())).unwrap();
        assert_eq!((config.address.port(), config.brand.as_str()), (4000, "Council"));
        assert!(config.trusts("10.1.2.3".parse().unwrap()) && !config.trusts("11.1.2.3".parse().unwrap()));
    }

    #[test]
    fn secrets_are_not_read_from_the_file() {
        let file = "[pollstr]\nvonage-api-key = \"k\"\nvonage-api-secret = \"s\"";
        assert!(Config::from_sources(file, |_| None).unwrap().simulated());
    }
}
