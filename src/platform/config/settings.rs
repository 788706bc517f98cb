//! The list of all settings. Reading them, refusing unknown ones and checking the documents all use
//! it: a new setting is one line here, one in `Leptos.toml` and one in `docs/operating.md`.

use toml::{Table, Value};

/// Type of a setting in the settings file. Quoted text is accepted for every type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A list of texts; in the environment, separated by commas.
    List,
    /// A number.
    Number,
    /// `true` or `false`; in the environment, `on` or `off`.
    Switch,
    /// A credential, read from the environment only.
    Secret,
}

/// A setting.
#[derive(Debug)]
pub struct Setting {
    /// The name of the environment variable.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its default; empty if it has none or depends on other settings.
    pub default: &'static str,
    /// A short description.
    pub about: &'static str,
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    setting(
        "LEPTOS_SITE_ADDR",
        Kind::Text,
        "127.0.0.1:3000",
        "the address to listen on",
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
        "the site's public address",
    ),
    setting(
        "POLLSTR_TRUSTED_PROXIES",
        Kind::List,
        "",
        "the networks of your reverse proxies",
    ),
    setting(
        "POLLSTR_VERIFY",
        Kind::Text,
        "",
        "the provider that sends the codes",
    ),
    setting(
        "POLLSTR_VERIFY_URL",
        Kind::Text,
        "",
        "the provider's base URL",
    ),
    setting("VONAGE_API_KEY", Kind::Secret, "", "your Vonage API key"),
    setting(
        "VONAGE_API_SECRET",
        Kind::Secret,
        "",
        "your Vonage API secret",
    ),
    setting(
        "TWILIO_ACCOUNT_SID",
        Kind::Secret,
        "",
        "your Twilio account SID",
    ),
    setting(
        "TWILIO_AUTH_TOKEN",
        Kind::Secret,
        "",
        "your Twilio auth token",
    ),
    setting(
        "TWILIO_VERIFY_SERVICE",
        Kind::Secret,
        "",
        "your Twilio Verify service SID",
    ),
    setting(
        "POLLSTR_BRAND",
        Kind::Text,
        "Pollstr",
        "the name shown in texts",
    ),
    setting("POLLSTR_SENDER_ID", Kind::Text, "", "the sender of texts"),
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
        "the number of database connections",
    ),
    setting(
        "POLLSTR_CONTACT",
        Kind::Text,
        "",
        "an email address or page for help",
    ),
    setting("POLLSTR_LOG", Kind::Text, "info", "the log filter"),
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
        "whether landlines are barred from voting in every poll",
    ),
    setting(
        "POLLSTR_HOURLY_SENDS",
        Kind::Number,
        "1000",
        "the maximum number of codes per hour",
    ),
    setting(
        "POLLSTR_DAILY_SENDS",
        Kind::Number,
        "5000",
        "the maximum number of codes in 24 hours",
    ),
    setting(
        "POLLSTR_ADDRESS_SENDS",
        Kind::Number,
        "200",
        "the maximum number of codes per hour from one IP address",
    ),
    setting(
        "POLLSTR_DAILY_POLLS",
        Kind::Number,
        "30",
        "the maximum number of new polls per account in 24 hours",
    ),
    setting(
        "POLLSTR_PRICES",
        Kind::List,
        "",
        "the price of a message by country",
    ),
    setting(
        "POLLSTR_DAILY_SPEND",
        Kind::Number,
        "",
        "the maximum cost of codes in 24 hours",
    ),
    setting(
        "POLLSTR_METRICS_ADDR",
        Kind::Text,
        "",
        "the address of the /metrics listener",
    ),
    setting(
        "POLLSTR_DRAIN",
        Kind::Number,
        "2",
        "the seconds to keep accepting connections after SIGTERM",
    ),
    setting(
        "POLLSTR_START_WAIT",
        Kind::Number,
        "60",
        "the seconds to wait for another process that is starting",
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

/// Sections of the settings file, and the key that Leptos itself needs.
pub(super) const LEPTOS: &str = "package.metadata.leptos";
pub(super) const POLLSTR: &str = "pollstr";
pub(super) const SECTIONS: [&str; 2] = [LEPTOS, POLLSTR];
pub(super) const OUTPUT_NAME: &str = "output-name";

impl Setting {
    /// Returns its section in the settings file.
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

    /// Returns its value in a settings file that passed [`super::unknown::check_file`].
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

    /// Returns the expected type, if the value has another.
    pub(super) fn wants(&self, value: &Value) -> Option<&'static str> {
        let right = match (self.kind, value) {
            (_, Value::String(_))
            | (Kind::Switch, Value::Boolean(_))
            | (Kind::Number, Value::Integer(_) | Value::Float(_)) => true,
            (Kind::List, Value::Array(list)) => list.iter().all(Value::is_str),
            _ => false,
        };
        (!right).then_some(match self.kind {
            Kind::Text | Kind::Secret => "quoted text",
            Kind::List => "a list of quoted texts, such as [\"a\", \"b\"]",
            Kind::Number => "a number",
            Kind::Switch => "true or false",
        })
    }
}

/// Finds a setting by name.
///
/// # Panics
/// When it isn't in the list.
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
