//! Unit tests of `settings`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use crate::platform::config::settings::*;
use crate::platform::config::unknown::{check_environment, check_file};

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
        let message = environment(name, "hush").unwrap_err();
        assert!(
            message.starts_with(&format!(
                "{name}: unknown setting; did you mean {nearest} ("
            )),
            "{message}"
        );
        assert!(
            !message.contains("hush") && message.lines().count() == 1,
            "{message}"
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
    // Kubernetes never sets a bare port number.
    environment("POLLSTR_PORT", "3000").unwrap_err();
}

#[test]
#[cfg(unix)]
fn a_setting_that_is_not_text_is_refused_rather_than_overlooked() {
    let broken = OsString::from_vec(vec![0xff]);
    let message = check_environment(&[("POLLSTR_BRAND".into(), broken)])
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("POLLSTR_BRAND: "), "{message}");
}

#[test]
fn an_unknown_key_or_section_of_the_file_is_refused_by_name_with_the_nearest_that_there_is() {
    for (text, message) in [
        (
            "[pollstr]\norigini = 'x'",
            "unknown setting origini in [pollstr]; did you mean origin in [pollstr] (",
        ),
        (
            "[pollstr]\ntrusted_proxies = 'x'",
            "unknown setting trusted_proxies in [pollstr]; did you mean trusted-proxies in ",
        ),
        (
            "[pollstr]\nPOLLSTR_BRAND = 'x'",
            "unknown setting POLLSTR_BRAND in [pollstr]; did you mean brand in [pollstr] (",
        ),
        (
            "[pollstr]\nsite-addr = 'x'",
            "site-addr is in [pollstr]; it belongs in [package.metadata.leptos]",
        ),
        (
            "[package.metadata.leptos]\nsite-adr = 'x'",
            "unknown setting site-adr in [package.metadata.leptos]; did you mean site-addr ",
        ),
        (
            "origin = 'x'",
            "origin is outside a section; it belongs in [pollstr]",
        ),
        (
            "[polstr]\norigin = 'x'",
            "unknown section [polstr]; did you mean [pollstr]?",
        ),
        (
            "[package.metadata.lepton]\nsite-addr = 'x'",
            "unknown section [package.metadata.lepton]; did you mean [package.metadata.leptos]?",
        ),
        ("pollstr = 'x'", "pollstr must be a section, [pollstr]"),
        (
            "[[pollstr]]\norigin = 'x'",
            "pollstr must be a section, [pollstr]",
        ),
    ] {
        let found = file(text);
        assert!(
            found.starts_with(&format!("Leptos.toml: {message}")),
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
        let message = file(text);
        assert!(
            message.starts_with("Leptos.toml: ")
                && message.contains(name)
                && message.contains("environment"),
            "{message}"
        );
        assert!(!message.contains("hush"), "{message}");
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
        let message = file(&format!("[pollstr]\n{key} = {value}"));
        assert!(
            message.starts_with(&format!("Leptos.toml: {key} in [pollstr] must be ")),
            "{message}"
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
        include_str!("../../../../Leptos.toml"),
        include_str!("../../../../docs/operating.md"),
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
