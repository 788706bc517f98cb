//! What the log contains at trace level, and what it must never contain.

use std::fs::{self, File};
use std::process::Stdio;

use data_encoding::BASE64URL_NOPAD;
use reqwest::Method;
use serde_json::Value;

use crate::database::crashes::Process;
use crate::support::browser::Person;
use crate::support::environment::{folder, free_address};
use crate::support::html;

const PASSWORD: &str = "canary one four seven";
const NEW_PASSWORD: &str = "canary two five eight";
const WRONG_PASSWORD: &str = "canary that sings wrong";
const NUMBER: &str = "+447700900654";

/// Walks through every journey that involves a secret and collects the secrets.
async fn walk(origin: &str) -> Vec<String> {
    let amy = Person::new(origin);
    let mut sessions = Vec::new();
    let mut secrets = [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD]
        .map(str::to_owned)
        .to_vec();
    secrets.extend(
        secrets
            .clone()
            .iter()
            .map(|secret| secret.replace(' ', "+")),
    );
    // In every spelling: with spaces, encoded, without the plus.
    secrets.extend(["7700900654", "7700 900654"].map(str::to_owned));

    amy.fill(
        "/register",
        "Create account",
        &[("username", "amy"), ("password", PASSWORD)],
    )
    .await
    .goes_to("/verify");
    sessions.extend(amy.cookie("session"));
    amy.fill("/verify", "Send code", &[("phone", NUMBER)])
        .await
        .goes_to("/verify/code");
    let phone = amy.get("/simulator").await.body;
    let code = phone
        .split(NUMBER)
        .nth(1)
        .unwrap()
        .split("code: ")
        .nth(1)
        .unwrap()[..6]
        .to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    amy.fill("/verify/code", "Confirm", &[("code", wrong)])
        .await
        .says(422, "That code is not right.");
    amy.fill("/verify/code", "Confirm", &[("code", &code)])
        .await
        .goes_to("/account/recovery/offer");
    sessions.extend(amy.cookie("session"));
    secrets.push(code);

    let home = amy.get("/").await.body;
    let poll = html::attribute(&home, ".cards a", "href")
        .unwrap()
        .replace("/polls/", "");
    let ballot = format!("/polls/{poll}/vote");
    amy.fill(&ballot, "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("/polls/{poll}/results"));
    let results = amy.get(&format!("/polls/{poll}/results")).await.body;
    for path in [
        "",
        "/vote",
        "/results",
        "/results.json",
        "/receipt",
        "/embed",
        "/nothing",
    ] {
        amy.get(&format!("/polls/{poll}{path}")).await;
    }
    for call in ["poll", "ballot", "results", "receipt"] {
        amy.get(&format!("/api/{call}?id={poll}"))
            .await
            .says(200, "");
    }
    assert_eq!(
        amy.call(
            "cast_vote",
            serde_json::json!({ "poll": poll, "choice": ["1"] })
        )
        .await
        .status,
        422
    );
    let receipt = html::text(&results, "output");
    secrets.extend([receipt.replace(['-', ' '], ""), receipt]);

    amy.fill(
        "/account/confirm",
        "Continue",
        &[("password", WRONG_PASSWORD)],
    )
    .await
    .says(422, "That is not your password.");
    let passwords = [("password", PASSWORD), ("new_password", NEW_PASSWORD)];
    amy.fill("/account/password", "Change password", &passwords)
        .await
        .goes_to("/account");
    sessions.extend(amy.cookie("session"));
    secrets.extend(second_steps(&amy).await);
    amy.get("/account/data.json").await.says(200, NUMBER);
    amy.fill("/", "Log out", &[]).await.goes_to("/");
    amy.fill(
        "/login",
        "Log in",
        &[("username", "amy"), ("password", WRONG_PASSWORD)],
    )
    .await
    .says(422, "didn't match");
    amy.call(
        "login",
        serde_json::json!({ "username": "amy", "password": NEW_PASSWORD }),
    )
    .await
    .says(200, "next");
    sessions.extend(amy.cookie("session"));
    assert!(sessions.len() == 4);
    for session in sessions {
        // As in the cookie, and as the number it encodes.
        let bytes: [u8; 16] = BASE64URL_NOPAD
            .decode(session.as_bytes())
            .unwrap()
            .try_into()
            .unwrap();
        secrets.push(i128::from_le_bytes(bytes).to_string());
        secrets.push(session);
    }
    secrets
}

/// Sets up an authenticator app, and makes and shows recovery codes.
async fn second_steps(amy: &Person) -> Vec<String> {
    amy.fill("/account/authenticator", "Set up an app", &[])
        .await
        .goes_to("/account/authenticator");
    let page = amy.get("/account/authenticator").await.body;
    let secret = html::text(&page, "code#secret");
    amy.fill("/account/authenticator", "Confirm", &[("code", "000000")])
        .await;
    amy.fill("/account/recovery", "Create new codes", &[])
        .await
        .goes_to("/account/recovery");
    let page = amy.get("/account/recovery").await.body;
    let codes = html::text(&page, "#codes");
    let codes: Vec<&str> = codes.lines().collect();
    assert_eq!(codes.len(), 10);
    let both = |text: &str| [text.to_owned(), text.replace(['-', ' '], "")];
    codes
        .into_iter()
        .chain([secret.as_str()])
        .flat_map(both)
        .collect()
}

/// Text that an attacker would like to inject into a log.
async fn shout(origin: &str) {
    let eve = Person::new(origin)
        .with_user_agent("Mozilla/5.0 \"}\t{\"level\":\"ERROR\" Firefox/1 on Windows");
    eve.get("/polls/%0A%7B%22level%22%3A%22ERROR%22%7D")
        .await
        .says(404, "Page not found");
    // Unparsable addresses are logged at the lowest level.
    assert_eq!(eve.get("/polls/%ff/live").await.status, 400);
    eve.get("/?q=%0D%0A%7B%22message%22%3A%22forged%22%7D")
        .await
        .says(200, "No polls are available.");
    let name = "eve\n{\"message\":\"forged\"}";
    eve.fill(
        "/login",
        "Log in",
        &[("username", name), ("password", WRONG_PASSWORD)],
    )
    .await
    .says(422, "didn't match");
    let request = eve
        .request(Method::POST, "/login")
        .header("content-type", "application/json")
        .body("{\"broken\n");
    assert_eq!(eve.send(request).await.status, 422);
}

#[tokio::test]
async fn at_its_most_talkative_the_log_holds_no_secret_and_is_json_one_line_an_event() {
    let (folder, address) = (folder(), free_address());
    let path = folder.join("log");
    let mut process = Process::start_logging(
        &folder,
        &address,
        "trace",
        Stdio::from(File::create(&path).unwrap()),
    )
    .await;
    let origin = format!("http://{address}");
    let secrets = walk(&origin).await;
    shout(&origin).await;
    // No line is lost at shutdown.
    process.signal("-INT");
    assert!(process.child.wait().unwrap().success());

    let log = fs::read_to_string(path).unwrap();
    let mut levels = std::collections::BTreeSet::new();
    let (mut answered, mut happened) = (0, Vec::new());
    for line in log.lines() {
        let mut event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        levels.insert(event["level"].as_str().unwrap().to_owned());
        answered += usize::from(event["fields"]["message"] == "answered");
        assert_ne!(event["message"], "forged", "{line}");
        if event["fields"]["message"] == "happened" {
            happened.push(event["fields"]["what"].as_str().unwrap().to_owned());
        }
        // Six digits of a timestamp may equal a code.
        event.as_object_mut().unwrap().remove("timestamp").unwrap();
        let line = event.to_string();
        for secret in &secrets {
            assert!(!holds(&line, secret), "{secret}: {line}");
        }
    }
    // Something was logged at all.
    assert!(
        levels.contains("TRACE") && answered > 20,
        "{levels:?} {answered}"
    );
    for what in [
        "registered",
        "number proved",
        "password wrong",
        "password changed",
        "logged out",
        "log-in failed",
        "logged in",
    ] {
        assert!(
            happened.iter().any(|word| word == what),
            "{what}: {happened:?}"
        );
    }
    // Neither ballots nor poll pages leave a line, so the log can't tell who voted when.
    assert!(!log.contains("cast_vote"));
    for line in log
        .lines()
        .filter(|line| line.contains(r#""message":"answered""#))
    {
        let event: Value = serde_json::from_str(line).unwrap();
        let (method, route) = (
            event["fields"]["method"].as_str().unwrap(),
            event["fields"]["route"].as_str().unwrap(),
        );
        assert!(
            !route.starts_with("/polls/") && (method == "POST" || !route.starts_with("/api/")),
            "{line}"
        );
    }
}

/// Returns whether a text contains a secret as a separate word.
fn holds(text: &str, secret: &str) -> bool {
    let part_of_a_word = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    text.match_indices(secret).any(|(start, _)| {
        let (before, after) = (
            text[..start].chars().next_back(),
            text[start + secret.len()..].chars().next(),
        );
        secret.len() > 6 || !(part_of_a_word(before) || part_of_a_word(after))
    })
}
