//! Every setting there is, in one list. What is read, what is refused as unknown, and what the documents must name all come from it:
//! a new setting is one line here, one in `Leptos.toml` and one in
//! `docs/operating.md`.

use std::ffi::OsString;

use strsim::damerau_levenshtein;
use toml::{Table, Value};

use crate::platform::config::ConfigError;

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
const LEPTOS: &str = "package.metadata.leptos";
const POLLSTR: &str = "pollstr";
const SECTIONS: [&str; 2] = [LEPTOS, POLLSTR];
const OUTPUT_NAME: &str = "output-name";

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
    fn wants(&self, value: &Value) -> Option<&'static str> {
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

/// Refuses a variable that looks like a setting and is not one, and a setting that is not text.
pub(super) fn check_environment(environment: &[(OsString, OsString)]) -> Result<(), ConfigError> {
    let mut names: Vec<_> = environment
        .iter()
        .map(|(name, value)| (name.to_string_lossy(), value))
        .collect();
    names.sort_unstable();
    for (name, value) in names {
        if SETTINGS.iter().any(|setting| setting.name == name) {
            if value.to_str().is_none() {
                return Err(ConfigError::Unknown(format!(
                    "{name}: it must be text in UTF-8"
                )));
            }
            continue;
        }
        let capitals = name.to_ascii_uppercase();
        let nearest = nearest(&name);
        let ours = capitals.starts_with("POLLSTR_")
            && !belongs_to_kubernetes(&capitals, &value.to_string_lossy());
        // DATABASE_URL has neighbours of other programs, such as DATABASE_URI.
        let slip =
            nearest.name != "DATABASE_URL" && damerau_levenshtein(nearest.name, &capitals) <= 2;
        if ours || slip {
            let Setting {
                name: nearest,
                about,
                ..
            } = nearest;
            return Err(ConfigError::Unknown(format!(
                "{name}: there is no such setting; the nearest is {nearest}, {about}"
            )));
        }
    }
    Ok(())
}

/// Returns whether a variable tells of a service beside this process: Kubernetes makes such names for one that is called `pollstr`.
fn belongs_to_kubernetes(name: &str, value: &str) -> bool {
    let numbered = |rest: &str| {
        rest.starts_with(|first: char| first.is_ascii_digit())
            && ["_TCP", "_UDP"].iter().any(|way| rest.contains(way))
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || name.ends_with("_PORT") && value.contains("://")
        || name
            .split_once("_PORT_")
            .is_some_and(|(_, rest)| numbered(rest))
}

/// Refuses what the settings file holds and nothing reads: unknown sections and keys, secrets, and values of the wrong type.
pub(super) fn check_file(file: &Table) -> Result<(), ConfigError> {
    check_table("", file).map_err(ConfigError::File)
}

fn check_table(path: &str, table: &Table) -> Result<(), String> {
    for (key, value) in table {
        let here = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let leads_on = SECTIONS
            .iter()
            .any(|section| *section == here || section.starts_with(&format!("{here}.")));
        match value {
            Value::Table(section) if SECTIONS.contains(&here.as_str()) => {
                check_section(&here, section)?
            }
            Value::Table(inner) if leads_on => check_table(&here, inner)?,
            _ if leads_on => return Err(format!("{here} must be a section, [{here}]")),
            Value::Table(_) => {
                let nearest =
                    if damerau_levenshtein(&here, POLLSTR) < damerau_levenshtein(&here, LEPTOS) {
                        POLLSTR
                    } else {
                        LEPTOS
                    };
                return Err(format!(
                    "there is no section [{here}]; the nearest is [{nearest}]"
                ));
            }
            _ => return Err(unknown(path, key)),
        }
    }
    Ok(())
}

fn check_section(section: &str, table: &Table) -> Result<(), String> {
    for (key, value) in table {
        if section == LEPTOS && key == OUTPUT_NAME {
            continue;
        }
        let setting = SETTINGS.iter().find(|setting| {
            setting.kind != Kind::Secret && setting.section() == section && setting.key() == *key
        });
        let setting = setting.ok_or_else(|| unknown(section, key))?;
        if let Some(wanted) = setting.wants(value) {
            return Err(format!("{key} in [{section}] must be {wanted}"));
        }
        if value.as_str().is_some_and(holds_a_password) {
            return Err(format!(
                "{key} in [{section}] holds a password; take it out of this file and set {} in the environment",
                setting.name
            ));
        }
    }
    Ok(())
}

/// Returns whether a value is an address with a password, in either place where PostgreSQL takes one.
fn holds_a_password(value: &str) -> bool {
    let url = value.parse::<url::Url>().ok();
    url.is_some_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
    })
}

/// Says why a key has no business where it stands. Its value may be a secret, so it is not repeated.
fn unknown(section: &str, key: &str) -> String {
    let place = if section.is_empty() {
        "outside a section".to_owned()
    } else {
        format!("in [{section}]")
    };
    let (plain, nearest) = (plain(key), nearest(key));
    let (name, about, right) = (nearest.name, nearest.about, nearest.key());
    match (nearest.kind, right == key) {
        (Kind::Secret, _) if right == plain => {
            format!(
                "{key} is a secret and does not belong in this file; take it out and set {name} in the environment"
            )
        }
        (Kind::Secret, _) => {
            format!(
                "there is no setting {key} {place}; the nearest is {name}, {about}, which is read from the environment alone"
            )
        }
        (_, true) => format!(
            "{key} stands {place}; it belongs in [{}]",
            nearest.section()
        ),
        (_, false) => format!(
            "there is no setting {key} {place}; the nearest is {right} in [{}], {about}",
            nearest.section()
        ),
    }
}

/// Writes a name as the settings file would.
fn plain(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('_', "-");
    name.trim_start_matches("pollstr-")
        .trim_start_matches("leptos-")
        .to_owned()
}

/// Finds the setting whose name is nearest to this one, as a variable or as a key of the file.
#[expect(clippy::expect_used, reason = "the list has settings")]
fn nearest(name: &str) -> &'static Setting {
    let (plain, capitals) = (plain(name), name.to_ascii_uppercase().replace('-', "_"));
    let distance = |setting: &&Setting| {
        damerau_levenshtein(&plain, &setting.key())
            .min(damerau_levenshtein(&capitals, setting.name))
    };
    SETTINGS
        .iter()
        .min_by_key(distance)
        .expect("the list has settings")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn environment(name: &str, value: &str) -> Result<(), String> {
        check_environment(&[("PATH".into(), "/bin".into()), (name.into(), value.into())])
            .map_err(|error| error.to_string())
    }

    fn file(text: &str) -> String {
        check_file(&text.parse().unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_variable_is_refused_by_name_with_the_nearest_that_there_is() {
        for (name, nearest) in [
            ("POLLSTR_ORIGINI", "POLLSTR_ORIGIN"),
            ("POLLSTR_TRUSTED_PROXY", "POLLSTR_TRUSTED_PROXIES"),
            ("pollstr_brand", "POLLSTR_BRAND"),
            ("POLSTR_SEED", "POLLSTR_SEED"),
            ("POLLSTR_DATABASE_URL", "DATABASE_URL"),
            ("POLLSTR_SITE_ADDR", "LEPTOS_SITE_ADDR"),
            ("VONAGE_API_SECRT", "VONAGE_API_SECRET"),
            ("LEPTOS_SITE_ADR", "LEPTOS_SITE_ADDR"),
        ] {
            let said = environment(name, "hush").unwrap_err();
            assert!(
                said.starts_with(&format!(
                    "{name}: there is no such setting; the nearest is {nearest}, "
                )),
                "{said}"
            );
            assert!(
                !said.contains("hush") && said.lines().count() == 1,
                "{said}"
            );
        }
        assert!(
            environment("POLLSTR_TYPO", "1")
                .unwrap_err()
                .starts_with("POLLSTR_TYPO: ")
        );
        assert!(
            environment("POLLSTR_", "")
                .unwrap_err()
                .starts_with("POLLSTR_: ")
        );
    }

    #[test]
    fn what_belongs_to_other_programs_is_left_alone() {
        for (name, value) in [
            ("DATABASE_URI", "x"),
            ("LEPTOS_OUTPUT_NAME", "x"),
            ("TWILIO_REGION", "x"),
            ("POLLSTR_SERVICE_HOST", "10.0.0.1"),
            ("POLLSTR_SERVICE_PORT_HTTP", "80"),
            ("POLLSTR_PORT", "tcp://10.0.0.1:80"),
            ("POLLSTR_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("POLLSTR_DB_SERVICE_HOST", "10.0.0.1"),
        ] {
            assert_eq!(environment(name, value), Ok(()), "{name}");
        }
        // Kubernetes makes no port that is a bare number.
        environment("POLLSTR_PORT", "3000").unwrap_err();
    }

    #[test]
    #[cfg(unix)]
    fn a_setting_that_is_not_text_is_refused_rather_than_overlooked() {
        let broken = OsString::from_vec(vec![0xff]);
        let said = check_environment(&[("POLLSTR_BRAND".into(), broken)])
            .unwrap_err()
            .to_string();
        assert!(said.starts_with("POLLSTR_BRAND: "), "{said}");
    }

    #[test]
    fn an_unknown_key_or_section_of_the_file_is_refused_by_name_with_the_nearest_that_there_is() {
        for (text, said) in [
            (
                "[pollstr]\norigini = 'x'",
                "there is no setting origini in [pollstr]; the nearest is origin in [pollstr], ",
            ),
            (
                "[pollstr]\ntrusted_proxies = 'x'",
                "there is no setting trusted_proxies in [pollstr]; the nearest is trusted-proxies in ",
            ),
            (
                "[pollstr]\nPOLLSTR_BRAND = 'x'",
                "there is no setting POLLSTR_BRAND in [pollstr]; the nearest is brand in [pollstr], ",
            ),
            (
                "[pollstr]\nsite-addr = 'x'",
                "site-addr stands in [pollstr]; it belongs in [package.metadata.leptos]",
            ),
            (
                "[package.metadata.leptos]\nsite-adr = 'x'",
                "there is no setting site-adr in [package.metadata.leptos]; the nearest is site-addr ",
            ),
            (
                "origin = 'x'",
                "origin stands outside a section; it belongs in [pollstr]",
            ),
            (
                "[polstr]\norigin = 'x'",
                "there is no section [polstr]; the nearest is [pollstr]",
            ),
            (
                "[package.metadata.lepton]\nsite-addr = 'x'",
                "there is no section [package.metadata.lepton]; the nearest is [package.metadata.leptos]",
            ),
            ("pollstr = 'x'", "pollstr must be a section, [pollstr]"),
            (
                "[[pollstr]]\norigin = 'x'",
                "pollstr must be a section, [pollstr]",
            ),
        ] {
            let found = file(text);
            assert!(
                found.starts_with(&format!("Leptos.toml: {said}")),
                "{text}: {found}"
            );
        }
    }

    #[test]
    fn a_secret_in_the_file_is_refused_by_name_and_never_repeated() {
        for (text, name) in [
            ("[pollstr]\nvonage-api-secret = 'hush'", "VONAGE_API_SECRET"),
            ("[pollstr]\nVONAGE_API_KEY = 'hush'", "VONAGE_API_KEY"),
            ("twilio_auth_token = 'hush'", "TWILIO_AUTH_TOKEN"),
            (
                "[package.metadata.leptos]\nvonage-api-secrt = 'hush'",
                "VONAGE_API_SECRET",
            ),
            (
                "[pollstr]\ndatabase-url = 'postgres://pollstr:hush@db/pollstr'",
                "DATABASE_URL",
            ),
            (
                "[pollstr]\ndatabase-url = 'postgres://db/pollstr?user=amy&password=hush'",
                "DATABASE_URL",
            ),
        ] {
            let said = file(text);
            assert!(
                said.starts_with("Leptos.toml: ")
                    && said.contains(name)
                    && said.contains("environment"),
                "{said}"
            );
            assert!(!said.contains("hush"), "{said}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused() {
        for (key, value) in [
            ("origin", "1"),
            ("brand", "['a']"),
            ("log", "{ a = 1 }"),
            ("trusted-proxies", "[1, 2]"),
            ("trusted-proxies", "true"),
            ("daily-sends", "true"),
            ("daily-sends", "[5]"),
            ("seed", "1"),
            ("prices", "2026-11-25"),
        ] {
            let said = file(&format!("[pollstr]\n{key} = {value}"));
            assert!(
                said.starts_with(&format!("Leptos.toml: {key} in [pollstr] must be ")),
                "{said}"
            );
        }
        for right in [
            "daily-sends = 5",
            "daily-spend = 2.5",
            "seed = false",
            "seed = 'off'",
            "prices = ['*=1']",
            "daily-sends = '5'",
        ] {
            check_file(&format!("[pollstr]\n{right}").parse().unwrap()).unwrap();
        }
    }

    #[test]
    fn the_settings_file_and_the_readme_name_each_setting_with_its_default_and_no_other() {
        let (file, operating) = (
            include_str!("../../../Leptos.toml"),
            include_str!("../../../docs/operating.md"),
        );
        let table = operating
            .split("\n## Settings")
            .nth(1)
            .unwrap()
            .split("\n## ")
            .next()
            .unwrap();
        for Setting {
            name,
            kind,
            default,
            ..
        } in SETTINGS
        {
            let row = table.lines().find(|line| {
                line.starts_with("| `")
                    && line
                        .split(" | ")
                        .next()
                        .unwrap()
                        .contains(&format!("`{name}`"))
            });
            assert!(
                row.unwrap_or_else(|| panic!("docs/operating.md: {name}"))
                    .contains(default),
                "docs/operating.md: the default of {name}"
            );
            assert!(file.contains(name), "Leptos.toml: {name}");
            if *kind == Kind::Secret {
                continue;
            }
            let key = find(name).key();
            let line = file.lines().find(|line| {
                line.trim_start_matches("# ")
                    .starts_with(&format!("{key} = "))
            });
            let line = line.unwrap_or_else(|| panic!("Leptos.toml: {key}"));
            assert!(
                line.trim_end().trim_end_matches('"').ends_with(default),
                "Leptos.toml: the default of {key}"
            );
        }
        for word in table
            .split('|')
            .filter(|cell| cell.starts_with(" `"))
            .flat_map(|cell| cell.split('`'))
        {
            let setting = word.len() > 8
                && word.contains('_')
                && word
                    .chars()
                    .all(|sign| sign.is_ascii_uppercase() || sign == '_');
            assert!(
                !setting || SETTINGS.iter().any(|setting| setting.name == word),
                "docs/operating.md: {word} is not a setting"
            );
        }
    }
}
