//! Refuses unknown settings and suggests the nearest known one.

use std::ffi::OsString;

use strsim::damerau_levenshtein;
use toml::{Table, Value};

use crate::platform::config::in_file::{LEPTOS, OUTPUT_NAME, POLLSTR, SECTIONS};
use crate::platform::config::settings::{Kind, SETTINGS, Setting};
use crate::platform::config::sources::ConfigError;

/// Refuses environment variables that look like a misspelt setting, and settings that aren't UTF-8.
pub(super) fn check_environment(environment: &[(OsString, OsString)]) -> Result<(), ConfigError> {
    let mut names: Vec<_> = environment
        .iter()
        .map(|(name, value)| (name.to_string_lossy(), value))
        .collect();
    names.sort_unstable();
    for (name, value) in names {
        if SETTINGS.iter().any(|setting| setting.name == name) {
            if value.to_str().is_none() {
                return Err(ConfigError::Unknown(format!("{name}: must be UTF-8 text")));
            }
            continue;
        }
        let capitals = name.to_ascii_uppercase();
        let nearest = nearest(&name);
        let ours = capitals.starts_with("POLLSTR_")
            && !belongs_to_kubernetes(&capitals, &value.to_string_lossy());
        // Other programs use names near DATABASE_URL, such as DATABASE_URI.
        let slip =
            nearest.name != "DATABASE_URL" && damerau_levenshtein(nearest.name, &capitals) <= 2;
        if ours || slip {
            let Setting {
                name: nearest,
                about,
                ..
            } = nearest;
            return Err(ConfigError::Unknown(format!(
                "{name}: unknown setting; did you mean {nearest} ({about})?"
            )));
        }
    }
    Ok(())
}

/// Returns whether Kubernetes set a variable for a service called `pollstr`.
pub(super) fn belongs_to_kubernetes(name: &str, value: &str) -> bool {
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

/// Refuses unknown sections and keys, secrets, and values of the wrong type.
pub(super) fn check_file(file: &Table) -> Result<(), ConfigError> {
    check_table("", file).map_err(ConfigError::in_default_file)
}

pub(super) fn check_table(path: &str, table: &Table) -> Result<(), String> {
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
                check_section(&here, section)?;
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
                    "unknown section [{here}]; did you mean [{nearest}]?"
                ));
            }
            _ => return Err(unknown(path, key)),
        }
    }
    Ok(())
}

pub(super) fn check_section(section: &str, table: &Table) -> Result<(), String> {
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
                "{key} in [{section}] contains a password; remove it from this file and set {} in the environment, or put it into a file named by {}_FILE",
                setting.name, setting.name
            ));
        }
    }
    Ok(())
}

/// Returns whether a value is a URL with a password, in either place where PostgreSQL accepts one.
pub(super) fn holds_a_password(value: &str) -> bool {
    let url = value.parse::<url::Url>().ok();
    url.is_some_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
    })
}

/// Explains why a key is refused, without repeating its value, which may be a secret.
pub(super) fn unknown(section: &str, key: &str) -> String {
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
                "{key} is a secret and doesn't belong in this file; remove it and set {name} in the environment, or put it into a file named by {name}_FILE"
            )
        }
        (Kind::Secret, _) => {
            format!(
                "unknown setting {key} {place}; did you mean {name} ({about})? It can only be set in the environment, or in a file named by {name}_FILE"
            )
        }
        (_, true) => format!("{key} is {place}; it belongs in [{}]", nearest.section()),
        (_, false) => format!(
            "unknown setting {key} {place}; did you mean {right} in [{}] ({about})?",
            nearest.section()
        ),
    }
}

/// Returns a name in the spelling of the settings file.
pub(super) fn plain(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('_', "-");
    name.trim_start_matches("pollstr-")
        .trim_start_matches("leptos-")
        .to_owned()
}

/// Finds the setting with the nearest name.
#[expect(clippy::expect_used, reason = "the list has settings")]
pub(super) fn nearest(name: &str) -> &'static Setting {
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
