//! Every setting there is, in one list. What is read, what is refused as unknown, and what the documents must name all come from it:
//! a new setting is one line here, one in `Leptos.toml` and one in the README.

use toml::{Table, Value};

/// What a setting's value may be in the settings file. Text in quotes is taken for each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Texts in brackets; in the environment, text with commas.
    List,
    /// A number.
    Number,
    /// `true` or `false`; in the environment, `on` or `off`.
    Switch,
    /// A credential. It is read from the environment alone.
    Secret,
}

/// Something that can be set.
#[derive(Debug)]
pub struct Setting {
    /// The name of the environment variable.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Its value where it is not set; empty where that depends on others, or there is none.
    pub default: &'static str,
    /// What it is.
    pub about: &'static str,
}

/// All of them.
pub const SETTINGS: &[Setting] = &[
    setting(
        "LEPTOS_SITE_ADDR",
        Kind::Text,
        "127.0.0.1:3000",
        "where the site listens",
    ),
    setting(
        "DATABASE_URL",
        Kind::Text,
        "sqlite://data/pollstr.db",
        "the database",
    ),
    setting(
        "POLLSTR_ORIGIN",
        Kind::Text,
        "",
        "the site as people's browsers see it",
    ),
    setting(
        "POLLSTR_TRUSTED_PROXIES",
        Kind::List,
        "",
        "the networks of your own reverse proxies",
    ),
    setting("POLLSTR_VERIFY", Kind::Text, "", "who sends the codes"),
    setting(
        "POLLSTR_VERIFY_URL",
        Kind::Text,
        "",
        "the base of the provider's addresses",
    ),
    setting(
        "VONAGE_API_KEY",
        Kind::Secret,
        "",
        "the key of your Vonage account",
    ),
    setting(
        "VONAGE_API_SECRET",
        Kind::Secret,
        "",
        "the secret of your Vonage account",
    ),
    setting(
        "TWILIO_ACCOUNT_SID",
        Kind::Secret,
        "",
        "the SID of your Twilio account",
    ),
    setting(
        "TWILIO_AUTH_TOKEN",
        Kind::Secret,
        "",
        "the token of your Twilio account",
    ),
    setting(
        "TWILIO_VERIFY_SERVICE",
        Kind::Secret,
        "",
        "the SID of your Twilio Verify service",
    ),
    setting(
        "POLLSTR_BRAND",
        Kind::Text,
        "Pollstr",
        "the name in the texts",
    ),
    setting(
        "POLLSTR_SENDER_ID",
        Kind::Text,
        "",
        "who the texts are from",
    ),
    setting(
        "POLLSTR_SECRET_FILE",
        Kind::Text,
        "data/secret.key",
        "the file that all keys are derived from",
    ),
    setting(
        "POLLSTR_CONNECTIONS",
        Kind::Number,
        "",
        "how many connections to the database there are",
    ),
    setting(
        "POLLSTR_CONTACT",
        Kind::Text,
        "",
        "a mail address or page for people who need help",
    ),
    setting("POLLSTR_LOG", Kind::Text, "info", "what is logged"),
    setting(
        "POLLSTR_SEED",
        Kind::Switch,
        "on",
        "whether an empty database gets the demo",
    ),
    setting(
        "POLLSTR_COUNTRIES",
        Kind::List,
        "",
        "the countries that codes are sent to",
    ),
    setting(
        "POLLSTR_MOBILE_ONLY",
        Kind::Switch,
        "off",
        "whether landlines have no vote in any poll",
    ),
    setting(
        "POLLSTR_HOURLY_SENDS",
        Kind::Number,
        "1000",
        "the most codes in an hour",
    ),
    setting(
        "POLLSTR_DAILY_SENDS",
        Kind::Number,
        "5000",
        "the most codes in 24 hours",
    ),
    setting(
        "POLLSTR_ADDRESS_SENDS",
        Kind::Number,
        "200",
        "the most codes an hour from one address",
    ),
    setting(
        "POLLSTR_DAILY_POLLS",
        Kind::Number,
        "30",
        "the most new polls of one account in 24 hours",
    ),
    setting(
        "POLLSTR_PRICES",
        Kind::List,
        "",
        "what a message costs by country",
    ),
    setting(
        "POLLSTR_DAILY_SPEND",
        Kind::Number,
        "",
        "the most that the codes of 24 hours may cost",
    ),
    setting(
        "POLLSTR_METRICS_ADDR",
        Kind::Text,
        "",
        "where Prometheus finds /metrics",
    ),
    setting(
        "POLLSTR_DRAIN",
        Kind::Number,
        "2",
        "how many seconds connections are still taken after SIGTERM",
    ),
    setting(
        "POLLSTR_START_WAIT",
        Kind::Number,
        "60",
        "how many seconds to wait for another process that is starting",
    ),
];

const fn setting(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
) -> Setting {
    Setting {
        name,
        kind,
        default,
        about,
    }
}

/// The sections of the settings file, and the key that Leptos itself wants to find there.
pub(super) const LEPTOS: &str = "package.metadata.leptos";
pub(super) const POLLSTR: &str = "pollstr";
pub(super) const SECTIONS: [&str; 2] = [LEPTOS, POLLSTR];
pub(super) const OUTPUT_NAME: &str = "output-name";

impl Setting {
    /// Returns the section of the settings file that it stands in.
    #[must_use]
    pub fn section(&self) -> &'static str {
        if self.name.starts_with("LEPTOS_") {
            LEPTOS
        } else {
            POLLSTR
        }
    }

    /// Returns its name in the settings file.
    #[must_use]
    pub fn key(&self) -> String {
        self.name
            .trim_start_matches("LEPTOS_")
            .trim_start_matches("POLLSTR_")
            .to_ascii_lowercase()
            .replace('_', "-")
    }

    /// Returns the value that the settings file has for it. The file has passed [`check_file`].
    pub(super) fn in_file(&self, file: &Table) -> Option<String> {
        if self.kind == Kind::Secret {
            return None;
        }
        let section = self
            .section()
            .split('.')
            .try_fold(file, |table, step| table.get(step)?.as_table())?;
        Some(match section.get(&self.key())? {
            Value::String(text) => text.clone(),
            Value::Array(list) => list
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(","),
            other => other.to_string(),
        })
    }

    /// Returns what the settings file must hold instead of this value, if it is of the wrong type.
    pub(super) fn wants(&self, value: &Value) -> Option<&'static str> {
        let right = match (self.kind, value) {
            (_, Value::String(_))
            | (Kind::Switch, Value::Boolean(_))
            | (Kind::Number, Value::Integer(_) | Value::Float(_)) => true,
            (Kind::List, Value::Array(list)) => list.iter().all(Value::is_str),
            _ => false,
        };
        (!right).then_some(match self.kind {
            Kind::Text | Kind::Secret => "text in quotes",
            Kind::List => "a list of texts in quotes, as in [\"a\", \"b\"]",
            Kind::Number => "a number",
            Kind::Switch => "true or false",
        })
    }
}

/// Finds a setting by its name.
///
/// # Panics
/// When it is not in the list, where every setting must be.
#[expect(
    clippy::expect_used,
    reason = "a setting that is read and not listed is a mistake in this program, found at its first start"
)]
pub(super) fn find(name: &str) -> &'static Setting {
    SETTINGS
        .iter()
        .find(|setting| setting.name == name)
        .expect("every setting that is read is in SETTINGS")
}
