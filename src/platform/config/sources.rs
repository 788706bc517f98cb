//! Sources of settings, and errors about them.

use thiserror::Error;
use toml::Table;

use crate::platform::config::settings;

/// The settings file in the current folder.
pub const SETTINGS_FILE: &str = "Leptos.toml";

/// Why the settings can't be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The settings file can't be read.
    #[error("{SETTINGS_FILE}: {0}")]
    File(String),
    /// A setting has an invalid value.
    #[error("{setting}: {why}")]
    Setting {
        /// The name of the environment variable.
        setting: &'static str,
        /// What is wrong, and what is expected.
        why: String,
    },
    /// A setting doesn't exist.
    #[error("{0}")]
    Unknown(String),
}

pub(super) fn wrong<T>(setting: &'static str, why: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Setting {
        setting,
        why: why.into(),
    })
}

/// Reads an environment variable.
type Environment<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// Where a setting is looked for: first the environment, then the settings file.
pub(super) struct Sources<'a> {
    pub(super) file: Table,
    pub(super) environment: Environment<'a>,
}

impl Sources<'_> {
    /// Returns a setting from the environment, the file, or its default. Empty values count as
    /// unset.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (setting, not_empty) = (settings::find(name), |value: &String| {
            !value.trim().is_empty()
        });
        let set = (self.environment)(name)
            .filter(not_empty)
            .or_else(|| setting.in_file(&self.file).filter(not_empty));
        set.or_else(|| Some(setting.default.to_owned()).filter(not_empty))
    }
}

pub(super) fn parse(file: &str) -> Result<Table, ConfigError> {
    file.parse().map_err(|error: toml::de::Error| {
        // The line may hold a secret, so only its number is shown.
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

pub(super) fn short_text(
    sources: &Sources,
    setting: &'static str,
    most: usize,
) -> Result<Option<String>, ConfigError> {
    match sources.get(setting) {
        Some(text) if text.chars().count() > most => {
            wrong(setting, format!("must be at most {most} characters"))
        }
        text => Ok(text),
    }
}

pub(super) fn switch(sources: &Sources, setting: &'static str) -> Result<bool, ConfigError> {
    match sources.get(setting).as_deref() {
        None | Some("on" | "true") => Ok(true),
        Some("off" | "false") => Ok(false),
        Some(other) => wrong(setting, format!("\"{other}\" is neither on nor off")),
    }
}

/// Reads a number from 1 to 1,000,000.
pub(super) fn count(sources: &Sources, setting: &'static str) -> Result<i64, ConfigError> {
    let text = sources.get(setting).unwrap_or_default();
    match text.trim().parse() {
        Ok(count) if (1..=1_000_000).contains(&count) => Ok(count),
        _ => wrong(
            setting,
            format!("\"{text}\" is not a number from 1 to 1000000"),
        ),
    }
}
