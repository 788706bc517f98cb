//! Where settings are read from, and what is refused.

use thiserror::Error;
use toml::Table;

use crate::platform::config::settings;

/// Where the settings file is looked for: the folder the command is run in.
pub const SETTINGS_FILE: &str = "Leptos.toml";

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

pub(super) fn wrong<T>(setting: &'static str, why: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Setting {
        setting,
        why: why.into(),
    })
}

/// Where a setting is looked for: first the environment, then the settings file.
pub(super) struct Sources<'a> {
    pub(super) file: Table,
    pub(super) environment: Box<dyn Fn(&str) -> Option<String> + 'a>,
}

impl Sources<'_> {
    /// Returns a setting by its environment name: from the environment, from the file, or its default. An empty
    /// value counts as unset.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (setting, said) = (settings::find(name), |value: &String| {
            !value.trim().is_empty()
        });
        let set = (self.environment)(name)
            .filter(said)
            .or_else(|| setting.in_file(&self.file).filter(said));
        set.or_else(|| Some(setting.default.to_owned()).filter(said))
    }
}

pub(super) fn parse(file: &str) -> Result<Table, ConfigError> {
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

pub(super) fn short_text(
    sources: &Sources,
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

pub(super) fn switch(sources: &Sources, setting: &'static str) -> Result<bool, ConfigError> {
    match sources.get(setting).as_deref() {
        None | Some("on" | "true") => Ok(true),
        Some("off" | "false") => Ok(false),
        Some(other) => wrong(setting, format!("\"{other}\" is neither on nor off")),
    }
}

/// Reads a number that has a default.
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
