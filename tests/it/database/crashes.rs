//! Kills and graceful stops: what a process leaves behind.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::future::join_all;
use pollstr::platform::db::Db;
use pollstr::polls::store::drafts;
use pollstr::polls::store::drafts::Draft;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};

use crate::support::app::{folder, free_address, new_database, program, server_url, until};
use crate::support::browser::{Person, client};

/// A server process.
pub(crate) struct Process {
    pub(crate) child: Child,
    address: String,
}

impl Process {
    async fn start(folder: &Path, address: &str) -> Self {
        Self::start_on("sqlite://data/pollstr.db", folder, address).await
    }

    async fn start_on(database: &str, folder: &Path, address: &str) -> Self {
        Self::run(
            program(folder).env("DATABASE_URL", database),
            address,
            "error",
            Stdio::null(),
        )
        .await
    }

    /// A server with this log level and output.
    pub(crate) async fn start_logging(
        folder: &Path,
        address: &str,
        level: &str,
        log: Stdio,
    ) -> Self {
        Self::run(&mut program(folder), address, level, log).await
    }

    /// A server with these settings, log level and output.
    pub(crate) async fn run(command: &mut Command, address: &str, level: &str, log: Stdio) -> Self {
        let child = command
            .env("LEPTOS_SITE_ADDR", address)
            .env("POLLSTR_TRUSTED_PROXIES", "127.0.0.1")
            .env("POLLSTR_LOG", level)
            .stdout(log)
            .spawn()
            .unwrap();
        let process = Self {
            child,
            address: address.to_owned(),
        };
        let client = client();
        until(async || {
            client
                .get(format!("http://{address}/readyz"))
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        process
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(
            Command::new("kill")
                .args([name, &self.child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A person with a verified number; the code is read from the simulator's page.
async fn voter(origin: &str, number: usize) -> Person {
    let person = Person::new(origin);
    let (name, phone) = (format!("voter{number}"), format!("+447700900{number:03}"));
    person
        .fill(
            "/register",
            "Create account",
            &[("username", &name), ("password", "four words and more")],
        )
        .await
        .goes_to("/verify");
    person
        .fill("/verify", "Send code", &[("phone", &phone)])
        .await
        .goes_to("/verify/code");
    let page = person.get("/simulator").await.body;
    let message = page.split(&phone).nth(1).unwrap();
    let code = message.split("code: ").nth(1).unwrap()[..6].to_owned();
    person
        .fill("/verify/code", "Confirm", &[("code", &code)])
        .await
        .goes_to("/");
    person
}

/// A poll counted in every way at one moment: ballots, marks, the sum of the tally, and the tally
/// of its one choice.
async fn counted(db: &Db, poll: &str) -> [i64; 4] {
    let of_poll = format!("poll_id = (SELECT id FROM poll WHERE public_id = '{poll}')");
    let counts = [
        format!("SELECT COUNT(*) FROM ballot WHERE {of_poll}"),
        format!("SELECT COUNT(*) FROM participation WHERE {of_poll}"),
        format!("SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = 'ballots' AND {of_poll}"),
        format!("SELECT COALESCE(SUM(votes), 0) FROM tally WHERE key = '1' AND {of_poll}"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .map(|count| format!("CAST(({count}) AS BIGINT)"))
        .collect();
    let statement = Statement::from_string(db.backend(), format!("SELECT {}", counts.join(", ")));
    let row = db.read().query_one_raw(statement).await.unwrap().unwrap();
    std::array::from_fn(|column| row.try_get_by_index(column).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_was_acknowledged_survives_being_killed() {
    let folder = folder();
    survives_being_killed(&format!("sqlite://{}/pollstr.db", folder.display()), folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_was_acknowledged_survives_being_killed_beside_postgresql() {
    let Some(server) = server_url() else { return };
    survives_being_killed(&new_database(&server).await, folder()).await;
}

async fn survives_being_killed(database: &str, folder: PathBuf) {
    let address = free_address();
    let mut process = Process::start_on(database, &folder, &address).await;
    let origin = format!("http://{address}");
    let mut voters = Vec::new();
    // A few at a time: more would time out waiting for password hashing.
    for group in 0..5 {
        voters.extend(
            join_all((group * 6..group * 6 + 6).map(|number| voter(&origin, number))).await,
        );
    }
    for round in 0..10_u64 {
        let db = Db::connect(database).await.unwrap();
        let transaction = db.begin().await.unwrap();
        let poll = drafts::insert(
            &transaction,
            &Draft::asking("Does it hold?", &["Yes", "No"], 0),
            0,
        )
        .await
        .unwrap();
        transaction.commit().await.unwrap();
        let path = format!("/polls/{poll}/vote");
        let forms = join_all(voters.iter().map(|voter| voter.form(&path, "Vote"))).await;
        let forms = forms
            .into_iter()
            .map(|form| [form, vec![("choice".to_owned(), "1".to_owned())]].concat())
            .collect::<Vec<_>>();
        let cast = || {
            let casts = voters.iter().zip(&forms).map(|(voter, form)| {
                let request = voter.request(Method::POST, &path).form(form);
                tokio::spawn(async move {
                    request
                        .send()
                        .await
                        .is_ok_and(|answer| answer.status() == 303)
                })
            });
            casts.collect::<Vec<_>>()
        };
        let casts = cast();
        tokio::time::sleep(Duration::from_millis(5 + round * 7)).await;
        process.kill();
        let acknowledged = join_all(casts)
            .await
            .into_iter()
            .filter(|acknowledged| *acknowledged.as_ref().unwrap())
            .count();
        process = Process::start_on(database, &folder, &address).await;
        let counted = counted(&db, &poll).await;
        let ballots = counted[0];
        assert!(
            ballots >= i64::try_from(acknowledged).unwrap(),
            "round {round}: {acknowledged} acknowledged, {ballots} stored"
        );
        assert_eq!(counted, [ballots; 4], "round {round}");
        // The proxy answered 502 to some of them. Sending the ballot again reports the same vote.
        assert!(
            join_all(cast()).await.into_iter().all(|told| told.unwrap()),
            "round {round}"
        );
        assert_eq!(
            crate::database::crashes::counted(&db, &poll).await,
            [30; 4],
            "round {round}"
        );
        db.close().await;
    }
}

#[tokio::test]
async fn told_to_stop_it_still_answers_whoever_has_begun_to_ask() {
    let (folder, address) = (folder(), free_address());
    let mut process = Process::start(&folder, &address).await;
    let mut slow = TcpStream::connect(&address).unwrap();
    let beginning = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    slow.write_all(beginning.as_bytes()).unwrap();
    let mut heard = vec![0; 12];
    slow.read_exact(&mut heard).unwrap();
    assert_eq!(heard, b"HTTP/1.1 100", "it waits for the rest");
    process.signal("-TERM");
    until(async || TcpStream::connect(&address).is_err()).await;
    slow.write_all(b"_fn=login").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(
        answer.contains("HTTP/1.1 422") && answer.ends_with("</html>"),
        "{answer}"
    );
    assert!(process.child.wait().unwrap().success());
}

#[tokio::test]
async fn told_to_stop_it_ends_within_ten_seconds_whatever_is_open() {
    let (folder, address) = (folder(), free_address());
    let mut process = Process::start(&folder, &address).await;
    // An unfinished request head, and a silent connection.
    let mut half = TcpStream::connect(&process.address).unwrap();
    half.write_all(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
        .unwrap();
    let _silent = TcpStream::connect(&process.address).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    process.signal("-TERM");
    let told = std::hint::black_box(now());
    let status = tokio::task::spawn_blocking(move || process.child.wait().unwrap())
        .await
        .unwrap();
    assert!(status.success(), "{status}");
    assert!(told.elapsed() < Duration::from_secs(10));
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a process takes to end is measured on the machine's clock"
)]
fn now() -> Instant {
    Instant::now()
}

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
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert_eq!(said.lines().count(), 1, "{said}");
        let named = match value {
            "0.0.0.0:0" => "POLLSTR_VERIFY",
            "twilio" => "TWILIO_ACCOUNT_SID",
            _ => name,
        };
        assert!(
            said.starts_with(&format!("pollstr: {named}: ")),
            "{name}={value}: {said}"
        );
    }
}

#[tokio::test]
async fn each_command_says_what_it_did() {
    let folder = folder();
    let said = |command: &str| {
        let output = program(&folder).args(command.split(' ')).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said("migrate"), "The database is up to date.\n");
    assert_eq!(said("seed"), "Created the demo account and polls.\n");
    assert_eq!(
        said("seed"),
        "The database isn't empty; nothing was changed.\n"
    );
    assert!(said("status").contains(
        "Daily limit: 0 of 5000 messages\nCountries that get codes: all\nNo countries are paused.\n"
    ));
    assert!(
        said("allow 203.0.113.9 500 4")
            .starts_with("Allowed 500 new accounts and 500 codes per hour from 203.0.113.9 until ")
    );
    assert!(said("status").contains("Raised limit for 203.0.113.9: 500 an hour, until "));
    let checked = said("check");
    assert!(
        checked.starts_with(
            "Settings, database, secret and the simulator all check out.\nPOLLSTR_COUNTRIES: "
        ),
        "{checked}"
    );
    assert_eq!(checked.lines().count(), 2, "{checked}");
}
