//! The list of all settings. Reading them, refusing unknown ones and checking the documents all use
//! it: a new setting is one line here, one in `Leptos.toml` and one in `docs/operating.md`.

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
    named_file("DATABASE_URL_FILE", "the file with the database's URL"),
    named_file("VONAGE_API_KEY_FILE", "the file with your API key"),
    named_file("VONAGE_API_SECRET_FILE", "the file with your secret"),
    named_file("TWILIO_ACCOUNT_SID_FILE", "the file with your SID"),
    named_file("TWILIO_AUTH_TOKEN_FILE", "the file with your token"),
    named_file("TWILIO_VERIFY_SERVICE_FILE", "the file with its SID"),
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

/// A setting that names a file with the value of another: `NAME_FILE` for `NAME`.
const fn named_file(name: &'static str, about: &'static str) -> Setting {
    setting(name, Kind::Text, "", about)
}

/// Returns the settings that can be in a file of their own, each with the one that names the file.
pub(super) fn in_named_files() -> impl Iterator<Item = (&'static Setting, &'static Setting)> {
    SETTINGS.iter().filter_map(|named| {
        let name = named.name.strip_suffix("_FILE")?;
        Some((SETTINGS.iter().find(|setting| setting.name == name)?, named))
    })
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
