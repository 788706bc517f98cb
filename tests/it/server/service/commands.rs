//! `--config`, `config`, `healthcheck`, `completions` and `man`.

use std::fs;

use serde_json::{Value, json};

use crate::server::service::{Server, on};
use crate::server::startup::{refused, run_to_end};
use crate::support::environment::{folder, program};

#[tokio::test]
async fn every_command_reads_the_settings_file_that_is_named() {
    let folder = folder();
    let file = folder.join("pollstr.toml");
    fs::write(&file, "[pollstr]\ndatabase-url = 'sqlite://other.db'\n").unwrap();
    let named = |command: &str| {
        let mut named = program(&folder);
        named.arg(command).arg("--config").arg(&file);
        named
    };
    assert!(run_to_end(&mut named("migrate")).0);
    assert!(folder.join("other.db").exists() && !folder.join("data").exists());
    assert!(run_to_end(&mut named("status")).0);
    // Before the command, too.
    let (success, ..) = run_to_end(program(&folder).arg("--config").arg(&file).arg("check"));
    assert!(success);
    fs::write(&file, "[pollstr]\norigini = 'x'").unwrap();
    for command in ["migrate", "config"] {
        let line = refused(&mut named(command));
        assert!(
            line.starts_with(&format!("{}: unknown setting origini", file.display())),
            "{line}"
        );
    }
    fs::remove_file(&file).unwrap();
    let line = refused(&mut named("migrate"));
    assert!(line.starts_with(&format!("{}: ", file.display())), "{line}");
}

#[tokio::test]
async fn config_tells_each_setting_and_its_source_and_hides_secrets() {
    let folder = folder();
    fs::write(folder.join("Leptos.toml"), "[pollstr]\nbrand = 'Club'\n").unwrap();
    fs::write(folder.join("token"), "hush\n").unwrap();
    fs::write(
        folder.join("database"),
        "postgres://pollstr:hush@db/pollstr?password=hush\n",
    )
    .unwrap();
    let mut command = program(&folder);
    command
        .arg("config")
        .env("TWILIO_ACCOUNT_SID", "hush")
        .env("TWILIO_AUTH_TOKEN_FILE", "token")
        .env("TWILIO_VERIFY_SERVICE", "VAhush")
        .env("DATABASE_URL_FILE", "database");
    let (success, text, _) = run_to_end(&mut command);
    assert!(success && !text.contains("hush"), "{text}");
    for line in [
        "POLLSTR_BRAND=Club  (Leptos.toml)",
        "TWILIO_ACCOUNT_SID=********  (environment)",
        "TWILIO_AUTH_TOKEN=********  (token, named by TWILIO_AUTH_TOKEN_FILE)",
        "DATABASE_URL=postgres://pollstr:********@db/pollstr?password=********  (database, named by DATABASE_URL_FILE)",
        "POLLSTR_DRAIN=2  (default)",
        "POLLSTR_ORIGIN=http://127.0.0.1:0  (default)",
        "POLLSTR_VERIFY=twilio  (default)",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let (success, text, _) = run_to_end(command.arg("--json"));
    let settings: Vec<Value> = serde_json::from_str(&text).unwrap();
    let of = |name: &str| settings.iter().find(|setting| setting["name"] == name);
    assert!(success && !text.contains("hush"), "{text}");
    assert_eq!(
        of("TWILIO_AUTH_TOKEN").unwrap(),
        &json!({ "name": "TWILIO_AUTH_TOKEN", "value": "********", "source": "named file", "file": "token" })
    );
    assert_eq!(
        of("POLLSTR_CONTACT").unwrap(),
        &json!({ "name": "POLLSTR_CONTACT", "value": null, "source": "default", "file": null })
    );
    // A wrong value is shown, and then refused.
    let (success, text, error) = run_to_end(command.env("POLLSTR_DRAIN", "soon"));
    assert!(!success && text.contains("soon") && error.starts_with("pollstr: POLLSTR_DRAIN: "));
}

#[tokio::test]
async fn healthcheck_asks_the_running_server() {
    let folder = folder();
    let server = Server::start(&folder, &[]).await;
    let mut check = on(&server.address, &folder);
    check.arg("healthcheck");
    assert_eq!(run_to_end(&mut check).1, "ready\n");
    drop(server);
    let line = refused(&mut check);
    assert!(
        line.starts_with("unix:") && line.contains("refused"),
        "{line}"
    );
}

#[tokio::test]
async fn healthcheck_gives_up_on_a_server_that_does_not_answer() {
    let folder = folder();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let mut check = program(&folder);
    check.arg("healthcheck").env("LEPTOS_SITE_ADDR", &address);
    assert_eq!(
        refused(&mut check),
        format!("{address} doesn't answer within 3 s")
    );
}

#[tokio::test]
async fn completions_and_the_manual_name_every_command_and_need_no_settings() {
    let folder = folder();
    let commands = [
        "serve",
        "migrate",
        "seed",
        "check",
        "status",
        "allow",
        "resume",
        "recount",
        "backup",
        "restore",
        "config",
        "healthcheck",
        "user",
        "reset-password",
        "poll",
        "unhide",
        "events",
        "completions",
        "man",
    ];
    for arguments in [
        "completions bash",
        "completions zsh",
        "completions fish",
        "man",
    ] {
        let mut program = program(&folder);
        program.args(arguments.split(' ')).env("POLLSTR_TYPO", "1");
        let (success, text, error) = run_to_end(&mut program);
        assert!(success, "{error}");
        for command in commands {
            // The man page escapes hyphens.
            let escaped = command.replace('-', "\\-");
            let named = text.contains(command) || text.contains(&escaped);
            assert!(named, "{arguments}: {command}");
        }
    }
}

/// Returns the commands below this one, as its help lists them.
fn below(help: &str) -> Vec<String> {
    let list = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| line.starts_with("  "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_help_of_every_command_has_an_example_and_so_does_the_manual() {
    let (folder, mut open, mut seen) = (folder(), vec![Vec::new()], 0);
    let (_, manual, _) = run_to_end(program(&folder).arg("man"));
    while let Some(command) = open.pop() {
        let (success, help, _) = run_to_end(program(&folder).args(&command).arg("--help"));
        assert!(success, "{command:?}");
        let names = below(&help);
        if names.is_empty() || command == ["allow"] {
            let start = format!("Example: pollstr {}", command.join(" "));
            let example = help.lines().find(|line| line.starts_with(&start));
            let example = example.unwrap_or_else(|| panic!("{command:?}: {help}"));
            let entry = format!("`pollstr {}", command.join(" "));
            let document = include_str!("../../../../docs/commands.md");
            assert!(document.contains(&entry), "{entry}");
            // Dashes are escaped there.
            assert!(manual.replace('\\', "").contains(example), "{example}");
            seen += 1;
        }
        open.extend(
            names
                .into_iter()
                .map(|name| [command.clone(), vec![name]].concat()),
        );
    }
    assert!(seen > 30, "{seen}");
}

#[tokio::test]
async fn what_commands_tell_is_json_if_asked_for() {
    let folder = folder();
    assert!(run_to_end(program(&folder).arg("seed")).0);
    let json = |arguments: &str| -> Value {
        let (success, text, error) =
            run_to_end(program(&folder).args(arguments.split(' ')).arg("--json"));
        assert!(success, "{arguments}: {error}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments}: {error}: {text}"))
    };
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let status = json("status");
    assert_eq!(
        keys(&status),
        [
            "countries",
            "day",
            "hour",
            "limit",
            "pauses",
            "raised_limits",
            "sent",
            "spend",
            "spend_limit"
        ]
    );
    assert_eq!(
        (&status["sent"], &status["limit"]),
        (&json!(0), &json!(5_000))
    );
    let recounted = json("recount");
    assert_eq!(recounted.as_array().unwrap().len(), 3);
    assert_eq!(
        keys(&recounted[0]),
        ["ballots", "faults", "fingerprint", "poll"]
    );
    let notes = json("check")["notes"].clone();
    assert!(
        notes[0]
            .as_str()
            .unwrap()
            .starts_with("POLLSTR_COUNTRIES: "),
        "{notes}"
    );
}
