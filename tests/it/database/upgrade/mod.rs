//! Upgrades of databases from earlier releases: see `fixtures/README.md`.

mod accounts;
mod polls;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pollstr::platform::clock::Clock;
use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;

use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::environment::{folder, new_database, required, server_url};

/// A stored database, upgraded by the current code, and the facts recorded with it.
struct Upgraded {
    site: Site,
    facts: Value,
}

impl Upgraded {
    async fn on_each_database() -> Vec<Self> {
        let mut upgraded = vec![Self::sqlite().await];
        match server_url() {
            Some(server) => upgraded.push(Self::postgres(&server).await),
            None => assert!(!required(), "a PostgreSQL server must be named"),
        }
        upgraded
    }

    async fn sqlite() -> Self {
        let folder = folder_with_secret();
        let url = sqlite_copy(&folder);
        Self::start("sqlite", &url, folder).await
    }

    async fn postgres(server: &str) -> Self {
        let url = postgres_copy(server).await;
        Self::start("postgres", &url, folder_with_secret()).await
    }

    async fn start(kind: &str, url: &str, folder: PathBuf) -> Self {
        let facts: Value = serde_json::from_slice(&fixture(&format!("{kind}.json"))).unwrap();
        let clock = Clock::manual(facts["made_at"].as_i64().unwrap() + 120);
        Self {
            site: Site::set(url, folder, clock, &[]).await,
            facts,
        }
    }

    fn password(&self) -> &str {
        self.facts["password"].as_str().unwrap()
    }

    fn accounts(&self) -> Vec<(&str, Option<&str>)> {
        let accounts = self.facts["accounts"].as_object().unwrap();
        accounts
            .iter()
            .map(|(name, facts)| (name.as_str(), facts["number"].as_str()))
            .collect()
    }

    fn polls(&self) -> Vec<(&str, &Value)> {
        let polls = self.facts["polls"].as_object().unwrap();
        polls
            .iter()
            .map(|(label, poll)| (label.as_str(), poll))
            .collect()
    }

    fn poll(&self, label: &str) -> &str {
        self.facts["polls"][label]["id"].as_str().unwrap()
    }

    fn receipts(&self) -> Vec<(&str, &str, &str)> {
        let receipts = self.facts["receipts"].as_array().unwrap();
        receipts
            .iter()
            .map(|receipt| {
                let text = |key: &str| receipt[key].as_str().unwrap();
                (text("poll"), text("voter"), text("receipt"))
            })
            .collect()
    }

    /// Logs in from a new browser with the password from before the upgrade.
    async fn logs_in(&self, name: &str, then: &str) -> Person {
        let person = self.site.visitor();
        self.logs_in_with(&person, name, then).await;
        person
    }

    async fn logs_in_with(&self, person: &Person, name: &str, then: &str) {
        let form = [("username", name), ("password", self.password())];
        person.fill("/login", "Log in", &form).await.goes_to(then);
    }

    /// Returns the browser in which this voter was verified before the upgrade.
    fn verified(&self, name: &str) -> Person {
        let person = self.site.visitor();
        let session = self.facts["cookies"]["sessions"][name].as_str().unwrap();
        person.set_cookie("session", session);
        person
    }

    /// Reads the results of a poll.
    async fn results(&self, person: &Person, poll: &str) -> Value {
        let results = person.get(&format!("/polls/{poll}/results.json")).await;
        assert_eq!(results.status, 200, "{poll}: {}", results.body);
        let results: Value = serde_json::from_str(&results.body).unwrap();
        results["count"].clone()
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/database/fixtures");
    fs::read(fixtures.join(name)).unwrap()
}

/// Creates a test folder with the secret of the stored databases.
pub(crate) fn folder_with_secret() -> PathBuf {
    let folder = folder();
    let secret = folder.join("secret.key");
    fs::write(&secret, fixture("secret.key")).unwrap();
    fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).unwrap();
    folder
}

/// Copies the stored SQLite database into a folder, and returns its URL.
pub(crate) fn sqlite_copy(folder: &Path) -> String {
    let file = folder.join("pollstr.db");
    fs::write(&file, fixture("sqlite.db")).unwrap();
    format!("sqlite://{}", file.display())
}

/// Loads the stored PostgreSQL database into a new one, and returns its URL.
pub(crate) async fn postgres_copy(server: &str) -> String {
    let url = new_database(server).await;
    let dump = String::from_utf8(fixture("postgres.sql")).unwrap();
    let db = Database::connect(&url).await.unwrap();
    db.execute_unprepared(&dump).await.unwrap();
    db.close().await.unwrap();
    url
}
