//! The settings: read once, at the start, from `Leptos.toml` and the environment, and parsed into types.
//!
//! This file is the only reader of the environment. A setting that is wrong stops the start with one line that names it; what
//! comes out of here is right, so nobody else checks it again. What can be set is a list in `config/settings.rs`.

pub mod contact;
pub mod limits;
pub mod provider;
pub mod settings;

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use thiserror::Error;
use toml::Table;
use url::{Host, Url};

use crate::platform::config::contact::Contact;
use crate::platform::config::limits::{Ceilings, count};

pub use crate::platform::config::provider::Verify;

/// Where the settings file is looked for: the folder the command is run in.
pub const SETTINGS_FILE: &str = "Leptos.toml";

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
    /// `POLLSTR_CONTACT`: where people find help.
    pub contact: Option<Contact>,
    /// `POLLSTR_LOG`: what is logged, in the words of `RUST_LOG`.
    pub log: String,
    /// `POLLSTR_SEED`: whether an empty database gets the demo.
    pub seed: bool,
    /// How many codes may be sent, where to, and for how much money.
    pub ceilings: Ceilings,
    /// `POLLSTR_MOBILE_ONLY`: whether numbers of landlines have no vote here, in whatever poll.
    pub mobile_only: bool,
    /// `POLLSTR_DAILY_POLLS`: how many polls one account may make in 24 hours.
    pub daily_polls: i64,
    /// `POLLSTR_DRAIN`: how long connections are still taken after the process was told to stop, while `/readyz` says 503.
    pub drain: Duration,
    /// `POLLSTR_METRICS_ADDR`: where Prometheus may ask; nowhere, unless it is set.
    pub metrics_address: Option<SocketAddr>,
    /// `POLLSTR_START_WAIT`: how long to wait for another process that is starting on the same database.
    pub start_wait: Duration,
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
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
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
        Some(Self {
            text: url.origin().ascii_serialization(),
            host,
            https: url.scheme() == "https",
            loopback,
            named,
        })
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
    /// Something is set that there is not.
    #[error("{0}")]
    Unknown(String),
}

fn wrong<T>(setting: &'static str, why: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Setting {
        setting,
        why: why.into(),
    })
}

impl Config {
    /// Reads the settings file of this folder, if there is one, and the environment, which wins.
    ///
    /// # Errors
    /// The first setting that is wrong.
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

    /// Reads the settings from the text of a settings file and from all of an environment, in which nothing may be misspelt.
    ///
    /// # Errors
    /// The first setting that is wrong or unknown.
    pub fn from_environment(
        file: &str,
        environment: &[(OsString, OsString)],
    ) -> Result<Self, ConfigError> {
        settings::check_environment(environment)?;
        Self::from_sources(file, |name| {
            let (_, value) = environment.iter().find(|(known, _)| known == name)?;
            value.to_str().map(ToOwned::to_owned)
        })
    }

    /// Reads the settings from the text of a settings file and from an environment.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn from_sources(
        file: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let sources = Sources {
            file: parse(file)?,
            environment,
        };
        settings::check_file(&sources.file)?;
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
            secret_file: secret_file(&sources)?,
            contact: Contact::read(&sources)?,
            log: levels(&sources)?,
            seed: switch(&sources, "POLLSTR_SEED")?,
            ceilings: Ceilings::read(&sources)?,
            mobile_only: switch(&sources, "POLLSTR_MOBILE_ONLY")?,
            daily_polls: count(&sources, "POLLSTR_DAILY_POLLS")?,
            metrics_address: metrics_address(&sources, address)?,
            start_wait: Duration::from_secs(count(&sources, "POLLSTR_START_WAIT")?.unsigned_abs()),
            drain: drain(&sources)?,
        })
    }

    /// Whether this is the demo on somebody's own machine: simulated phones, reached from here alone. Only then is there a demo
    /// account, and only then can it log in.
    #[must_use]
    pub fn demo(&self) -> bool {
        self.simulated() && !self.is_public()
    }

    /// Whether other machines than this one can reach the site.
    #[must_use]
    pub fn is_public(&self) -> bool {
        !(self.address.ip().is_loopback() && self.origin.loopback)
    }

    /// Whether codes go to the pretended phone network.
    #[must_use]
    pub fn simulated(&self) -> bool {
        matches!(self.verify, Verify::Simulator)
    }

    /// Whether this address is a proxy whose word on the visitor's address is believed.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|net| net.contains(&address))
    }
}

/// The two places a setting can stand in; the environment wins.
struct Sources<F> {
    file: Table,
    environment: F,
}

impl<F: Fn(&str) -> Option<String>> Sources<F> {
    /// Returns a setting by its environment name: from the environment, from the file, or its default. An empty value is no value.
    /// What it is called in the file, and whether it may stand there at all, is in [`settings::SETTINGS`].
    fn get(&self, name: &str) -> Option<String> {
        let (setting, said) = (settings::find(name), |value: &String| {
            !value.trim().is_empty()
        });
        let set = (self.environment)(name)
            .filter(said)
            .or_else(|| setting.in_file(&self.file).filter(said));
        set.or_else(|| Some(setting.default.to_owned()).filter(said))
    }
}

fn parse(file: &str) -> Result<Table, ConfigError> {
    file.parse().map_err(|error: toml::de::Error| {
        // What stands on the line may be a secret, so only its number is told.
        let line = error.span().map(|span| {
            file.bytes()
                .take(span.start)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1
        });
        let place = line
            .map(|line| format!("line {line}: "))
            .unwrap_or_default();
        ConfigError::File(format!("{place}{}", error.message()))
    })
}

/// Reads what is logged. A single word must be a level: `RUST_LOG` takes any other for the name of a module, and silences the rest.
fn levels(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<String, ConfigError> {
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
                "\"{part}\" is not a level; use error, warn, info, debug, trace or off, or a module's, as in pollstr=debug"
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

/// In full, so that what is said about it is clear from any folder.
fn secret_file(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<PathBuf, ConfigError> {
    let path = sources.get("POLLSTR_SECRET_FILE").unwrap_or_default();
    std::path::absolute(path).or_else(|error| wrong("POLLSTR_SECRET_FILE", error.to_string()))
}

fn address(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<SocketAddr, ConfigError> {
    let text = sources.get("LEPTOS_SITE_ADDR").unwrap_or_default();
    text.parse().or_else(|_| {
        wrong(
            "LEPTOS_SITE_ADDR",
            format!("\"{text}\" is not an address such as 127.0.0.1:3000"),
        )
    })
}

fn metrics_address(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
    site: SocketAddr,
) -> Result<Option<SocketAddr>, ConfigError> {
    const SETTING: &str = "POLLSTR_METRICS_ADDR";
    let Some(text) = sources.get(SETTING) else {
        return Ok(None);
    };
    match text.parse::<SocketAddr>() {
        Ok(address) if address == site && address.port() != 0 => wrong(
            SETTING,
            format!("{address} is where the site itself listens"),
        ),
        Ok(address) => Ok(Some(address)),
        Err(_) => wrong(
            SETTING,
            format!("\"{text}\" is not an address such as 127.0.0.1:9100"),
        ),
    }
}

fn drain(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<Duration, ConfigError> {
    let text = sources.get("POLLSTR_DRAIN").unwrap_or_default();
    match text.parse() {
        Ok(seconds @ 0..=600) => Ok(Duration::from_secs(seconds)),
        _ => wrong(
            "POLLSTR_DRAIN",
            format!("\"{text}\" is not a number of seconds from 0 to 600"),
        ),
    }
}

fn database_url(sources: &Sources<impl Fn(&str) -> Option<String>>) -> Result<String, ConfigError> {
    let url = sources.get("DATABASE_URL").unwrap_or_default();
    if url.starts_with("sqlite://")
        || url.starts_with("postgres://")
        || url.starts_with("postgresql://")
    {
        return Ok(url);
    }
    // The address may hold a password, so it is not repeated.
    wrong(
        "DATABASE_URL",
        "it must begin with sqlite:// or postgres://",
    )
}

fn connections(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
) -> Result<Option<u32>, ConfigError> {
    let Some(text) = sources.get("POLLSTR_CONNECTIONS") else {
        return Ok(None);
    };
    // On PostgreSQL live results hold one connection and the sealing of polls another.
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

fn trusted_proxies(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
) -> Result<Vec<IpNet>, ConfigError> {
    let text = sources.get("POLLSTR_TRUSTED_PROXIES").unwrap_or_default();
    let parse = |part: &str| {
        part.parse::<IpNet>()
            .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
    };
    let nets: Result<_, _> = text
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(parse)
        .collect();
    nets.or_else(|_| {
        wrong(
            "POLLSTR_TRUSTED_PROXIES",
            format!("\"{text}\" is not a list of networks such as 10.0.0.0/8, ::1"),
        )
    })
}

fn short_text(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
    setting: &'static str,
    most: usize,
) -> Result<Option<String>, ConfigError> {
    match sources.get(setting) {
        Some(text) if text.chars().count() > most => {
            wrong(setting, format!("it may have at most {most} characters"))
        }
        text => Ok(text),
    }
}

fn switch(
    sources: &Sources<impl Fn(&str) -> Option<String>>,
    setting: &'static str,
) -> Result<bool, ConfigError> {
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
        Config::from_sources("", |name| {
            settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn refused(settings: &[(&str, &str)]) -> String {
        config(settings).unwrap_err().to_string()
    }

    #[test]
    fn without_any_setting_it_is_the_demo_on_this_machine() {
        let config = config(&[]).unwrap();
        assert_eq!(config.address.to_string(), "127.0.0.1:3000");
        assert_eq!(config.origin.as_str(), "http://127.0.0.1:3000");
        assert!(config.demo() && config.seed && config.simulated() && !config.mobile_only);
    }

    #[test]
    fn the_simulator_is_no_default_where_others_can_reach_it() {
        assert!(refused(&[("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]).starts_with("POLLSTR_VERIFY: "));
        assert!(
            refused(&[("POLLSTR_ORIGIN", "https://polls.example.org")])
                .starts_with("POLLSTR_VERIFY: ")
        );
        let said_aloud = config(&[
            ("LEPTOS_SITE_ADDR", "0.0.0.0:3000"),
            ("POLLSTR_VERIFY", "simulator"),
        ])
        .unwrap();
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
            ("POLLSTR_MOBILE_ONLY", "maybe"),
            ("POLLSTR_METRICS_ADDR", "9100"),
            ("POLLSTR_CONNECTIONS", "0"),
            ("POLLSTR_METRICS_ADDR", "127.0.0.1:3000"),
            ("POLLSTR_START_WAIT", "soon"),
            ("POLLSTR_CONTACT", "the caretaker"),
            ("POLLSTR_LOG", "loud"),
            ("POLLSTR_LOG", "info,loud"),
            ("POLLSTR_LOG", "pollstr"),
            ("POLLSTR_LOG", "pollstr=loud"),
            ("POLLSTR_LOG", "info;sqlx=warn"),
            ("POLLSTR_LOG", ","),
            ("POLLSTR_DAILY_POLLS", "0"),
            ("POLLSTR_DRAIN", "soon"),
            ("POLLSTR_DRAIN", "601"),
            ("POLLSTR_DRAIN", "-1"),
        ] {
            assert!(
                refused(&[(setting, value)]).starts_with(&format!("{setting}: ")),
                "{setting}={value}"
            );
        }
    }

    #[test]
    fn passkeys_take_a_name_and_a_safe_connection() {
        let takes = |origin| Origin::parse(origin).unwrap().takes_passkeys();
        for origin in [
            "https://polls.example.org",
            "https://polls.example.org:8443",
            "http://localhost:3000",
            "http://a.localhost",
        ] {
            assert!(takes(origin), "{origin}");
        }
        for origin in [
            "http://polls.example.org",
            "http://127.0.0.1:3000",
            "https://192.0.2.7",
            "https://[2001:db8::1]",
            "http://[::1]",
        ] {
            assert!(!takes(origin), "{origin}");
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:4000\"\n[pollstr]\nbrand = \"Club\"\ntrusted-proxies = [\"10.0.0.0/8\"]";
        let config = Config::from_sources(file, |name| {
            (name == "POLLSTR_BRAND").then(|| "Council".to_owned())
        })
        .unwrap();
        assert_eq!(
            (config.address.port(), config.brand.as_str()),
            (4000, "Council")
        );
        assert!(
            config.trusts("10.1.2.3".parse().unwrap())
                && !config.trusts("11.1.2.3".parse().unwrap())
        );
    }

    #[test]
    fn what_is_unknown_in_the_file_or_the_environment_stops_the_start() {
        let error = Config::from_sources("[pollstr]\nvonage-api-key = \"hush\"", |_| None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("VONAGE_API_KEY") && !error.contains("hush"),
            "{error}"
        );
        let error = Config::from_environment("", &[("POLLSTR_TYPO".into(), "1".into())])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("POLLSTR_TYPO: "), "{error}");
        let config =
            Config::from_environment("", &[("POLLSTR_BRAND".into(), "Club".into())]).unwrap();
        assert_eq!(config.brand, "Club");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_by_its_line_without_what_stands_there() {
        let error =
            Config::from_sources("[pollstr]\nbrand = \"a\"\nvonage-api-key = hush\n", |_| {
                None
            })
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("Leptos.toml: line 3: ") && !error.contains("hush"),
            "{error}"
        );
    }

    #[test]
    fn levels_of_the_log_are_taken_as_rust_log_takes_them() {
        for levels in [
            "debug",
            "WARN",
            "off",
            "info,pollstr=debug",
            " info , sqlx=warn ",
            "pollstr[answered]=trace,error",
        ] {
            config(&[("POLLSTR_LOG", levels)]).unwrap();
        }
        assert_eq!(config(&[("POLLSTR_LOG", " ")]).unwrap().log, "info");
    }
}
