//! Unit tests of secrets in files that settings name, and of where settings come from.

use std::fs;
use std::path::PathBuf;

use data_encoding::HEXLOWER;

use crate::platform::config::settings::Kind;
use crate::platform::config::settings::SETTINGS;
use crate::platform::config::settings::in_named_files;
use crate::platform::config::tests::{config, refused};
use crate::platform::config::{Config, Source, Verify, sources};
use crate::platform::crypto::random;

fn file(content: &str) -> PathBuf {
    let name = format!("pollstr-secret-{}", HEXLOWER.encode(&random::<8>()));
    let path = std::env::temp_dir().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// The API secret of a site whose secret is in a file with this content.
fn secret_in(content: &str) -> String {
    let path = file(content);
    let config = config(&[
        ("VONAGE_API_KEY", "key"),
        ("VONAGE_API_SECRET_FILE", path.to_str().unwrap()),
    ]);
    let Verify::Vonage { credentials, .. } = config.unwrap().verify else {
        panic!("the credentials choose Vonage")
    };
    credentials.1
}

#[test]
fn every_secret_can_be_in_a_file_of_its_own() {
    let in_files: Vec<&str> = in_named_files().map(|(setting, _)| setting.name).collect();
    for setting in SETTINGS {
        let secret = setting.kind == Kind::Secret || setting.name == "DATABASE_URL";
        assert_eq!(in_files.contains(&setting.name), secret, "{}", setting.name);
    }
}

#[test]
fn one_newline_at_the_end_is_dropped() {
    for (content, secret) in [
        ("hush", "hush"),
        ("hush\n", "hush"),
        ("hush\r\n", "hush"),
        (" hush \n\n", " hush \n"),
    ] {
        assert_eq!(secret_in(content), secret);
    }
}

#[test]
fn a_secret_set_twice_is_refused_with_both_names() {
    let path = file("hush");
    let named = ("VONAGE_API_SECRET_FILE", path.to_str().unwrap());
    let message = refused(&[named, ("VONAGE_API_SECRET", "other")]);
    assert_eq!(
        message,
        "VONAGE_API_SECRET_FILE: VONAGE_API_SECRET is set too; remove one of them"
    );
    // In the settings file too.
    let path = file("postgres://pollstr:hush@db/pollstr");
    let settings = format!(
        "[pollstr]\ndatabase-url = 'sqlite://a.db'\ndatabase-url-file = '{}'",
        path.display()
    );
    let message = Config::from_sources(&settings, |_| None).unwrap_err();
    assert!(
        message
            .to_string()
            .starts_with("DATABASE_URL_FILE: DATABASE_URL is set too")
    );
}

#[test]
fn a_file_that_is_missing_or_empty_is_refused_by_its_path() {
    let missing = refused(&[("TWILIO_AUTH_TOKEN_FILE", "/no/such/file")]);
    assert!(
        missing.starts_with("TWILIO_AUTH_TOKEN_FILE: /no/such/file: "),
        "{missing}"
    );
    let path = file("\n");
    let empty = refused(&[("TWILIO_AUTH_TOKEN_FILE", path.to_str().unwrap())]);
    assert!(empty.ends_with("is empty"), "{empty}");
}

#[test]
fn each_value_is_known_by_where_it_comes_from() {
    let url = file("postgres://db/pollstr");
    let url = url.to_str().unwrap();
    let settings = format!("[pollstr]\nbrand = 'Club'\nlog = 'warn'\ndatabase-url-file = '{url}'");
    let environment = |name: &str| (name == "POLLSTR_LOG").then(|| "debug".to_owned());
    let sources = sources(&settings, environment).unwrap();
    let named = Source::NamedFile {
        by: "DATABASE_URL_FILE",
        path: url.to_owned(),
    };
    for (name, value, source) in [
        ("POLLSTR_BRAND", Some("Club"), Source::File),
        ("POLLSTR_LOG", Some("debug"), Source::Environment),
        ("DATABASE_URL", Some("postgres://db/pollstr"), named),
        ("POLLSTR_DRAIN", Some("2"), Source::Default),
        ("POLLSTR_CONTACT", None, Source::Default),
    ] {
        assert_eq!(sources.find(name), (value.map(ToOwned::to_owned), source));
    }
}
