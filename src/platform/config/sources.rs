//! Sources of settings, and errors about them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::Table;

use crate::platform::config::settings;
use crate::platform::config::settings::in_named_files;

/// The settings file in the current folder.
pub const SETTINGS_FILE: &str = "Leptos.toml";

/// Why the settings can't be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The settings file can't be read.
    #[error("{}: {why}", file.display())]
    File {
        /// Its path.
        file: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
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

impl ConfigError {
    pub(super) fn in_default_file(why: String) -> Self {
        Self::File {
            file: SETTINGS_FILE.into(),
            why,
        }
    }

    /// Names the settings file that was read, if it is the file's error.
    pub(super) fn in_file(self, path: &Path) -> Self {
        match self {
            Self::File { why, .. } => Self::File {
                file: path.to_owned(),
                why,
            },
            other => other,
        }
    }
}

pub(super) fn wrong<T>(setting: &'static str, why: impl Into<String>) -> Result<T, ConfigError> {
    Err(ConfigError::Setting {
        setting,
        why: why.into(),
    })
}

/// Reads an environment variable.
type Environment<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// Where the value of a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It isn't set.
    Default,
    /// The settings file.
    File,
    /// The environment.
    Environment,
    /// A file of its own, named by another setting.
    NamedFile {
        /// The setting that names it, such as `VONAGE_API_SECRET_FILE`.
        by: &'static str,
        /// Its path.
        path: String,
    },
}

/// Where a setting is looked for: first the environment, then the settings file, then a file of its
/// own.
pub(super) struct Sources<'a> {
    file: Table,
    environment: Environment<'a>,
    /// The contents of the files that settings name, and where they are, by the setting's name.
    named_files: BTreeMap<&'static str, (String, Source)>,
}

impl<'a> Sources<'a> {
    /// Collects the sources and reads the files that settings name.
    ///
    /// # Errors
    /// When such a file can't be read or is empty, or its setting has a value elsewhere too.
    pub(super) fn new(
        file: Table,
        environment: impl Fn(&str) -> Option<String> + 'a,
    ) -> Result<Self, ConfigError> {
        let mut sources = Self {
            file,
            environment: Box::new(environment),
            named_files: BTreeMap::new(),
        };
        for (setting, named) in in_named_files() {
            let (name, by) = (setting.name, named.name);
            let Some(path) = sources.get(by) else {
                continue;
            };
            if sources.set(name).is_some() {
                return wrong(by, format!("{name} is set too; remove one of them"));
            }
            match fs::read_to_string(&path).as_deref().map(without_newline) {
                Ok("") => return wrong(by, format!("{path} is empty")),
                Ok(secret) => {
                    let source = Source::NamedFile { by, path };
                    sources
                        .named_files
                        .insert(name, (secret.to_owned(), source));
                }
                Err(error) => return wrong(by, format!("{path}: {error}")),
            }
        }
        Ok(sources)
    }

    /// Returns a setting from the environment, the file, a file of its own, or its default. Empty
    /// values count as unset.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.find(name).0
    }

    /// Returns a setting, and where it comes from.
    pub(super) fn find(&self, name: &str) -> (Option<String>, Source) {
        let found = self.set(name);
        match found.or_else(|| self.named_files.get(name).cloned()) {
            Some((value, source)) => (Some(value), source),
            None => (
                not_empty(settings::find(name).default.to_owned()),
                Source::Default,
            ),
        }
    }

    fn set(&self, name: &str) -> Option<(String, Source)> {
        let environment = (self.environment)(name).and_then(not_empty);
        let file = || settings::find(name).in_file(&self.file).and_then(not_empty);
        environment
            .map(|value| (value, Source::Environment))
            .or_else(|| Some((file()?, Source::File)))
    }

    /// Returns a variable of the environment that isn't a setting.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name).and_then(not_empty)
    }
}

fn not_empty(value: String) -> Option<String> {
    Some(value).filter(|value| !value.trim().is_empty())
}

/// Drops one newline at the end, which editors and `echo` write.
fn without_newline(text: &str) -> &str {
    let line = text.strip_suffix('\n').unwrap_or(text);
    line.strip_suffix('\r').unwrap_or(line)
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
        ConfigError::in_default_file(format!("{place}{}", error.message()))
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
