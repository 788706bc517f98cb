//! `pollstr config`: the settings in force and where each comes from.

use std::path::Path;

use pollstr::platform::config::settings::{Kind, Setting};
use pollstr::platform::config::{Config, SETTINGS_FILE, Source};
use serde_json::{Value, json};
use url::Url;

use crate::cli::output::{Outcome, print_line};

/// What is printed for a secret.
const MASK: &str = "********";

/// Prints every setting. If one of them is wrong, fails with the reason after that.
pub(crate) fn print_settings(file: Option<&Path>, as_json: bool) -> Outcome {
    let (settings, config) = (Config::explain(file)?, Config::load(file));
    let file = file.unwrap_or(SETTINGS_FILE.as_ref());
    let lines: Vec<_> = settings
        .into_iter()
        .map(|(setting, value, source)| {
            let derived = || config.as_ref().ok()?.derived(setting.name);
            let value = value.or_else(derived);
            (setting, value.map(|value| masked(setting, &value)), source)
        })
        .collect();
    let text = if as_json {
        let settings = lines
            .iter()
            .map(|(setting, value, source)| entry(setting, value.as_deref(), source, file))
            .collect();
        serde_json::to_string_pretty(&Value::Array(settings))?
    } else {
        lines
            .iter()
            .map(|(setting, value, source)| {
                let value = value.as_deref().unwrap_or_default();
                format!("{}={value}  ({})", setting.name, place(source, file))
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    print_line(&text)?;
    config?;
    Ok(String::new())
}

fn place(source: &Source, file: &Path) -> String {
    match source {
        Source::Default => "default".to_owned(),
        Source::Environment => "environment".to_owned(),
        Source::File => file.display().to_string(),
        Source::NamedFile { by, path } => format!("{path}, named by {by}"),
    }
}

fn entry(setting: &Setting, value: Option<&str>, source: &Source, file: &Path) -> Value {
    let (source, path) = match source {
        Source::Default => ("default", None),
        Source::Environment => ("environment", None),
        Source::File => ("file", Some(file.display().to_string())),
        Source::NamedFile { path, .. } => ("named file", Some(path.clone())),
    };
    json!({ "name": setting.name, "value": value, "source": source, "file": path })
}

/// Hides a secret, and passwords in URLs.
fn masked(setting: &Setting, value: &str) -> String {
    if setting.kind == Kind::Secret {
        return MASK.to_owned();
    }
    let Ok(mut url) = value.parse::<Url>() else {
        let may_hold_a_password = setting.name == "DATABASE_URL";
        return if may_hold_a_password { MASK } else { value }.to_owned();
    };
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let in_query = pairs.iter().any(|(name, _)| name == "password");
    if url.password().is_none() && !in_query {
        return value.to_owned();
    }
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    if in_query {
        url.query_pairs_mut()
            .clear()
            .extend_pairs(pairs.iter().map(|(name, value)| match name.as_str() {
                "password" => (name, MASK),
                _ => (name, value.as_str()),
            }));
    }
    url.to_string()
}
