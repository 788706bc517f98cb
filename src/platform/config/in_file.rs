//! How a setting is written in the settings file: its section, its key and the type of its value.

use toml::{Table, Value};

use crate::platform::config::settings::{Kind, Setting};

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

    /// Returns its value in a settings file that passed [`crate::platform::config::unknown::check_file`].
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
