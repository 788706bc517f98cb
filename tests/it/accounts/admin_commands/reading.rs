//! What the operator is told about accounts and sessions.

use pollstr::platform::clock::Clock;
use serde_json::{Value, json};

use crate::support::app::Site;
use crate::support::operator::{json, keys, run, told};

const NUMBER: &str = "+447700900123";

fn names(accounts: &Value) -> Vec<&str> {
    let accounts = accounts.as_array().unwrap().iter();
    accounts
        .map(|account| account["name"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_by_how_their_names_begin_and_by_suspension() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        for name in ["Amy", "amos", "ben_j"] {
            site.registered(name).await;
        }
        told(&site, &["user", "suspend", "amos", "--reason", "Spam"]);
        let list = |arguments: &[&str]| json(&site, &[&["user", "list"], arguments].concat());
        assert_eq!(names(&list(&[])), ["ben_j", "amos", "Amy", "test"]);
        assert_eq!(names(&list(&["--search", " AM "])), ["amos", "Amy"]);
        // These have a meaning in patterns of SQL.
        assert_eq!(names(&list(&["--search", "ben_"])), ["ben_j"]);
        assert_eq!(names(&list(&["--search", "%"])), [""; 0]);
        let suspended = list(&["--suspended"]);
        assert_eq!(names(&suspended), ["amos"]);
        let fields = [
            "joined_at",
            "name",
            "number_verified",
            "role",
            "suspended_reason",
        ];
        assert_eq!(keys(&suspended[0]), fields);
        assert_eq!(suspended[0]["suspended_reason"], "Spam");
        let text = told(&site, &["user", "list", "--search", "am"]);
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines[0].starts_with("JOINED ") && lines[0].ends_with(" NAME"),
            "{text}"
        );
        assert!(
            lines[1].ends_with(" UTC  none    member  suspended  amos"),
            "{text}"
        );
        assert!(
            lines[2].ends_with(" UTC  none    member  -          Amy"),
            "{text}"
        );
        assert_eq!(
            told(&site, &["user", "list", "--search", "zoe"]),
            "No accounts found.\n"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_to_their_end() {
    for site in Site::on_each_database().await {
        // More than are read at once.
        crate::support::voters::electorate(&site.state, 0, 1_001).await;
        let listed = json(&site, &["user", "list", "--search", "voter"]);
        assert_eq!(listed.as_array().unwrap().len(), 1_001);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_shown_with_what_helps_its_owner_and_without_its_number() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let amy = site.verified("amy", NUMBER).await;
        let poll = json!({ "question": "Tea?", "choice": ["Yes", "No"] });
        for save in ["open", "draft"] {
            let mut poll = poll.clone();
            poll["save"] = save.into();
            amy.call("create_poll", poll).await.says(200, "");
        }
        let shown = json(&site, &["user", "show", "AMY"]);
        let at = |field: &str| shown[field].as_str().unwrap().to_owned();
        assert_eq!(
            shown,
            json!({
                "name": "amy",
                "joined_at": at("joined_at"),
                "role": "member",
                "number_verified": true,
                "suspended_reason": null,
                "password_set_at": at("password_set_at"),
                "must_change_password": false,
                "authenticator_app": false,
                "passkeys": 0,
                "recovery_codes": 0,
                "sessions": 1,
                "trusted_browsers": 0,
                "polls": 1,
            })
        );
        assert!(at("joined_at").ends_with('Z'));
        let text = told(&site, &["user", "show", "amy"]);
        for line in ["  Phone number:      verified", "  Sessions:          1"] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        told(&site, &["user", "reset-password", "amy"]);
        let shown = json(&site, &["user", "show", "amy"]);
        assert_eq!(
            (&shown["must_change_password"], &shown["sessions"]),
            (&json!(true), &json!(0))
        );
        // Nothing that the operator reads about accounts has a number in it.
        let read = [
            &["user", "show", "amy"][..],
            &["user", "list"],
            &["user", "sessions", "amy"],
            &["events"],
            &["events", "amy"],
        ];
        for arguments in read {
            for text in [told(&site, arguments), json(&site, arguments).to_string()] {
                assert!(!text.contains("900123"), "{arguments:?}: {text}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_and_their_owner_is_told() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let amy = site.registered("amy").await;
        let other = amy
            .elsewhere()
            .with_user_agent("Mozilla/5.0 (X11; Linux) Firefox/130.0");
        let log_in = [("username", "amy"), ("password", "four words and more")];
        other
            .fill("/login", "Log in", &log_in)
            .await
            .goes_to("/verify");
        let sessions = json(&site, &["user", "sessions", "amy"]);
        let sessions = sessions.as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!(
            keys(&sessions[0]),
            ["began_at", "browser", "ip_prefix", "last_seen_at"]
        );
        let from = |browser: &str| {
            let found = sessions
                .iter()
                .find(|session| session["browser"] == browser);
            found.unwrap()["ip_prefix"].clone()
        };
        assert_eq!(from("Firefox on Linux"), json!(other.place()));
        assert_eq!(from("An unknown browser"), json!(amy.place()));
        assert!(told(&site, &["user", "sessions", "amy"]).contains("Firefox on Linux"));
        assert_eq!(
            told(&site, &["user", "sessions", "amy", "--end"]),
            "Ended 2 sessions of amy.\n"
        );
        amy.get("/account").await.goes_to("/login?next=/account");
        other.get("/account").await.goes_to("/login?next=/account");
        assert_eq!(
            told(&site, &["user", "sessions", "amy"]),
            "No browser is logged in.\n"
        );
        assert_eq!(json(&site, &["user", "sessions", "amy"]), json!([]));
        // There is nothing to tell of.
        told(&site, &["user", "sessions", "amy", "--end"]);
        amy.fill("/login", "Log in", &log_in)
            .await
            .goes_to("/verify");
        let page = amy.get("/account").await;
        page.says(200, "An admin logged you out everywhere");
        assert_eq!(page.body.matches("An admin logged you out").count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_has_an_exit_code_of_its_own_and_the_way_to_find_it() {
    let site = Site::new().await;
    for command in [
        "user show zoe",
        "user sessions zoe",
        "user sessions zoe --end",
        "user role zoe admin",
        "user reset-password zoe",
        "user reset-phone zoe",
        "user unlock zoe",
        "user suspend zoe --reason x",
        "user restore zoe",
        "user delete zoe",
        "user delete zoe --yes",
        "events zoe",
    ] {
        let arguments: Vec<_> = command.split(' ').collect();
        assert_eq!(
            run(&site, &arguments).fails(3),
            "there is no account \"zoe\"; `pollstr user list` shows all",
            "{command}"
        );
    }
    // What was typed can't command the terminal either.
    let typed = run(&site, &["user", "show", "z\u{1b}[31m\noe"]);
    assert!(
        typed
            .fails(3)
            .starts_with("there is no account \"z\\u001b[31m oe\""),
        "{typed:?}"
    );
    for command in [
        "user show",
        "user sessions amy --end --json",
        "poll list --open --closed",
        "poll list --closed --hidden",
        "poll hide abc",
        "events amy --limit many",
    ] {
        let arguments: Vec<_> = command.split(' ').collect();
        assert_eq!(run(&site, &arguments).code, 2, "{command}");
    }
}
