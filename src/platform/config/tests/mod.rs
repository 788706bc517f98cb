//! Unit tests of `config`.

mod addresses;
mod limits;
mod named_files;
mod provider;
mod settings;

use crate::platform::config::*;

fn config(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_sources("", |name| {
        settings
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

fn refused(settings: &[(&str, &str)]) -> String {
    config(settings).unwrap_err().to_string()
}

#[test]
fn without_any_setting_it_is_the_demo_on_this_machine() {
    let config = config(&[]).unwrap();
    assert_eq!(config.address.to_string(), "127.0.0.1:3000");
    assert_eq!(config.origin.as_str(), "http://127.0.0.1:3000");
    assert!(config.demo() && config.seed && config.simulated() && !config.mobile_only);
}

#[test]
fn the_simulator_is_no_default_where_others_can_reach_it() {
    assert!(refused(&[("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]).starts_with("POLLSTR_VERIFY: "));
    assert!(
        refused(&[("POLLSTR_ORIGIN", "https://polls.example.org")]).starts_with("POLLSTR_VERIFY: ")
    );
    let said_aloud = config(&[
        ("LEPTOS_SITE_ADDR", "0.0.0.0:3000"),
        ("POLLSTR_VERIFY", "simulator"),
    ])
    .unwrap();
    assert!(said_aloud.simulated() && !said_aloud.demo());
}

#[test]
fn what_is_wrong_is_named() {
    for (setting, value) in [
        ("LEPTOS_SITE_ADDR", "nowhere"),
        ("DATABASE_URL", "mysql://x"),
        ("POLLSTR_ORIGIN", "https://a.example/path"),
        ("POLLSTR_ORIGIN", "ftp://a.example"),
        ("POLLSTR_TRUSTED_PROXIES", "10.0.0.0/8, moon"),
        ("POLLSTR_VERIFY", "pigeon"),
        ("POLLSTR_BRAND", "a brand of nineteen"),
        ("POLLSTR_SENDER_ID", "TWELVELETTRS"),
        ("POLLSTR_SEED", "maybe"),
        ("POLLSTR_MOBILE_ONLY", "maybe"),
        ("POLLSTR_METRICS_ADDR", "9100"),
        ("POLLSTR_CONNECTIONS", "0"),
        ("POLLSTR_METRICS_ADDR", "127.0.0.1:3000"),
        ("POLLSTR_START_WAIT", "soon"),
        ("POLLSTR_CONTACT", "the caretaker"),
        ("POLLSTR_LOG", "loud"),
        ("POLLSTR_LOG", "info,loud"),
        ("POLLSTR_LOG", "pollstr"),
        ("POLLSTR_LOG", "pollstr=loud"),
        ("POLLSTR_LOG", "info;sqlx=warn"),
        ("POLLSTR_LOG", ","),
        ("POLLSTR_DAILY_POLLS", "0"),
        ("POLLSTR_DRAIN", "soon"),
        ("POLLSTR_DRAIN", "601"),
        ("POLLSTR_DRAIN", "-1"),
    ] {
        assert!(
            refused(&[(setting, value)]).starts_with(&format!("{setting}: ")),
            "{setting}={value}"
        );
    }
}

#[test]
fn passkeys_take_a_name_and_a_safe_connection() {
    let takes = |origin| Origin::parse(origin).unwrap().takes_passkeys();
    for origin in [
        "https://polls.example.org",
        "https://polls.example.org:8443",
        "http://localhost:3000",
        "http://a.localhost",
    ] {
        assert!(takes(origin), "{origin}");
    }
    for origin in [
        "http://polls.example.org",
        "http://127.0.0.1:3000",
        "https://192.0.2.7",
        "https://[2001:db8::1]",
        "http://[::1]",
    ] {
        assert!(!takes(origin), "{origin}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "[package.metadata.leptos]\nsite-addr = \"127.0.0.1:4000\"\n[pollstr]\nbrand = \"Club\"\ntrusted-proxies = [\"10.0.0.0/8\"]";
    let config = Config::from_sources(file, |name| {
        (name == "POLLSTR_BRAND").then(|| "Council".to_owned())
    })
    .unwrap();
    assert_eq!(
        (config.address.to_string().as_str(), config.brand.as_str()),
        ("127.0.0.1:4000", "Council")
    );
    assert!(
        config.trusts("10.1.2.3".parse().unwrap()) && !config.trusts("11.1.2.3".parse().unwrap())
    );
}

#[test]
fn what_is_unknown_in_the_file_or_the_environment_stops_the_start() {
    let error = Config::from_sources("[pollstr]\nvonage-api-key = \"hush\"", |_| None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("VONAGE_API_KEY") && !error.contains("hush"),
        "{error}"
    );
    let error = Config::from_environment("", &[("POLLSTR_TYPO".into(), "1".into())])
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("POLLSTR_TYPO: "), "{error}");
    let config = Config::from_environment("", &[("POLLSTR_BRAND".into(), "Club".into())]).unwrap();
    assert_eq!(config.brand, "Club");
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_its_line_without_what_stands_there() {
    let error = Config::from_sources("[pollstr]\nbrand = \"a\"\nvonage-api-key = hush\n", |_| {
        None
    })
    .unwrap_err()
    .to_string();
    assert!(
        error.starts_with("Leptos.toml: line 3: ") && !error.contains("hush"),
        "{error}"
    );
}

#[test]
fn levels_of_the_log_are_taken_as_rust_log_takes_them() {
    for levels in [
        "debug",
        "WARN",
        "off",
        "info,pollstr=debug",
        " info , sqlx=warn ",
        "pollstr[answered]=trace,error",
    ] {
        config(&[("POLLSTR_LOG", levels)]).unwrap();
    }
    assert_eq!(config(&[("POLLSTR_LOG", " ")]).unwrap().log, "info");
}
