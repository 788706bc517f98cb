//! Exit codes and output of the commands.

use crate::support::environment::{folder, program};

#[tokio::test]
async fn a_wrong_setting_stops_it_with_one_line_that_names_it() {
    let settings = [
        ("LEPTOS_SITE_ADDR", "nowhere"),
        ("LEPTOS_SITE_ADDR", "0.0.0.0:0"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
        ("POLLSTR_VERIFY", "pigeon"),
        ("POLLSTR_VERIFY", "twilio"),
        ("POLLSTR_SECRET_FILE", "/proc/none/secret"),
        ("POLLSTR_COUNTRIES", "UK"),
        ("POLLSTR_METRICS_ADDR", "192.0.2.1:9100"),
    ];
    for (name, value) in settings {
        let output = program(&folder()).env(name, value).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        let named = match value {
            "0.0.0.0:0" => "POLLSTR_VERIFY",
            "twilio" => "TWILIO_ACCOUNT_SID",
            _ => name,
        };
        assert!(
            stderr.starts_with(&format!("pollstr: {named}: ")),
            "{name}={value}: {stderr}"
        );
    }
}

#[tokio::test]
async fn each_command_says_what_it_did() {
    let folder = folder();
    let output_of = |command: &str| {
        let output = program(&folder).args(command.split(' ')).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(output_of("migrate"), "The database is up to date.\n");
    assert_eq!(output_of("seed"), "Created the demo account and polls.\n");
    assert_eq!(
        output_of("seed"),
        "The database isn't empty; nothing was changed.\n"
    );
    assert!(output_of("status").contains(
        "Daily limit: 0 of 5000 messages\nCountries that get codes: all\nNo countries are paused.\n"
    ));
    assert!(
        output_of("allow 203.0.113.9 500 4")
            .starts_with("Allowed 500 new accounts and 500 codes per hour from 203.0.113.9 until ")
    );
    assert!(output_of("status").contains("Raised limit for 203.0.113.9: 500 an hour, until "));
    let checked = output_of("check");
    assert!(
        checked.starts_with(
            "Settings, database, secret and the simulator all check out.\nPOLLSTR_COUNTRIES: "
        ),
        "{checked}"
    );
    assert_eq!(checked.lines().count(), 2, "{checked}");
}
