//! Upgrades of databases from earlier releases: see `fixtures/README.md`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pollstr::platform::clock::Clock;
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::seal::seal_due;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::accounts::second_factors::App;
use crate::support::app::{Site, folder, new_database, required, server_url};
use crate::support::browser::Person;

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

#[tokio::test]
async fn accounts_log_in_as_before_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let site = &upgraded.site;
        for (name, number) in upgraded.accounts() {
            let person = upgraded.logs_in(name, "/verify").await;
            let Some(number) = number.filter(|_| name != "olivia") else {
                continue;
            };
            // The stored number can still be decrypted, and gets a code without being typed.
            person
                .fill("/verify", "Send code", &[])
                .await
                .goes_to("/verify/code");
            let message = site.phones().messages().first().unwrap().clone();
            assert_eq!(message.to.trim_start_matches('+'), &number[1..], "{name}");
            person
                .fill("/verify/code", "Confirm", &[("code", &message.code)])
                .await
                .goes_to("/");
        }
    }
}

#[tokio::test]
async fn second_factors_work_as_before_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let site = &upgraded.site;
        let app = App::with_secret(upgraded.facts["totp"].as_str().unwrap());
        let by_app = upgraded.logs_in("olivia", "/verify").await;
        let code = app.shows(site.clock.now());
        by_app
            .fill("/verify", "Confirm", &[("code", &code)])
            .await
            .goes_to("/");
        let by_recovery = upgraded.logs_in("olivia", "/verify").await;
        let code = upgraded.facts["recovery"][3].as_str().unwrap();
        let spent = by_recovery
            .fill("/verify/recovery", "Continue", &[("code", code)])
            .await;
        assert_eq!(spent.status, 303, "{}", spent.body);
        let left = "SELECT COUNT(*) FROM recovery_code";
        assert_eq!(site.count(left).await, 9);
    }
}

#[tokio::test]
async fn sessions_and_trusted_browsers_go_on_after_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let ballot = format!("/polls/{}/vote", upgraded.poll("open single"));
        let eve = upgraded.verified("eve");
        eve.get(&ballot).await.says(200, "Which dog is the best?");
        let trusted = upgraded.site.visitor();
        let token = upgraded.facts["cookies"]["trusted"]["remembered"].as_str();
        trusted.set_cookie("remembered", token.unwrap());
        upgraded.logs_in_with(&trusted, "olivia", "/verify").await;
        trusted
            .get(&ballot)
            .await
            .says(200, "Which dog is the best?");
    }
}

#[tokio::test]
async fn receipts_are_found_and_ballots_changed_after_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let visitor = upgraded.site.visitor();
        for (poll, _, receipt) in upgraded.receipts() {
            let form = json!({ "poll": poll, "receipt": receipt });
            visitor
                .call("check_receipt", form)
                .await
                .says(200, "is counted.");
        }
        let poll = upgraded.poll("open single");
        let (_, _, receipt) = *upgraded
            .receipts()
            .iter()
            .find(|(of, voter, _)| *of == poll && *voter == "amy")
            .unwrap();
        let form = json!({ "poll": poll, "choice": "3", "change": "yes", "receipt": receipt });
        let amy = upgraded.verified("amy");
        let changed = amy.call("cast_vote", form).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let form = json!({ "poll": poll, "receipt": receipt });
        visitor
            .call("check_receipt", form)
            .await
            .says(422, "No ballot in this poll has that receipt.");
    }
}

#[tokio::test]
async fn a_number_that_voted_before_the_upgrade_has_no_second_vote() {
    for upgraded in Upgraded::on_each_database().await {
        let poll = upgraded.poll("open ranked");
        let form = || json!({ "poll": poll, "choice": ["1", "2"] });
        for name in ["amy", "ben", "cat", "dan", "eve"] {
            let again = upgraded.verified(name).call("cast_vote", form()).await;
            again.says(
                422,
                "You've already voted in this poll, and that vote stands.",
            );
        }
        // Nor can a number vote again whose account was deleted.
        let number = upgraded.facts["deleted_number"].as_str().unwrap();
        let newcomer = upgraded.site.verified("newcomer", number).await;
        newcomer.call("cast_vote", form()).await.says(
            422,
            "You've already voted in this poll, and that vote stands.",
        );
        let count = upgraded.results(&newcomer, poll).await;
        assert_eq!(count["ballots"], 6);
        // A number that hasn't voted can vote.
        let poll = upgraded.poll("open single");
        let eve = upgraded.verified("eve");
        let form = json!({ "poll": poll, "choice": "2" });
        eve.call("cast_vote", form).await.says(200, "");
        assert_eq!(upgraded.results(&eve, poll).await["ballots"], 6);
    }
}

#[tokio::test]
async fn results_bundles_and_fingerprints_stay_the_same_after_the_upgrade() {
    for upgraded in Upgraded::on_each_database().await {
        let amy = upgraded.verified("amy");
        for (label, poll) in upgraded.polls() {
            let id = poll["id"].as_str().unwrap();
            let Some(results) = poll.get("results") else {
                amy.get(&format!("/polls/{id}")).await.says(404, "");
                continue;
            };
            assert_eq!(&upgraded.results(&amy, id).await, results, "{label}");
            let bundle = amy.get(&format!("/polls/{id}/bundle.json")).await;
            let Some(stored) = poll.get("bundle") else {
                assert_ne!(bundle.status, 200, "{label}");
                continue;
            };
            assert_eq!(bundle.body, stored.as_str().unwrap(), "{label}");
            let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&bundle.body));
            assert_eq!(hash, poll["sha256"].as_str().unwrap(), "{label}");
            amy.get(&format!("/polls/{id}/results"))
                .await
                .says(200, &hash);
        }
    }
}

#[tokio::test]
async fn polls_that_closed_before_the_upgrade_are_sealed_after_it() {
    for upgraded in Upgraded::on_each_database().await {
        let (site, db) = (&upgraded.site, &upgraded.site.state.db);
        let amy = upgraded.verified("amy");
        assert_eq!(seal_due(db, &site.clock).await.unwrap(), 2);
        assert_eq!(seal_due(db, &site.clock).await.unwrap(), 0);
        for (label, poll) in upgraded.polls() {
            let id = poll["id"].as_str().unwrap();
            let counted = recount(db, id, site.clock.now()).await.unwrap().unwrap();
            assert!(counted.faults.is_empty(), "{label}: {counted}");
            let Some(results) = poll.get("results") else {
                continue;
            };
            assert_eq!(&upgraded.results(&amy, id).await, results, "{label}");
            let bundle = amy.get(&format!("/polls/{id}/bundle.json")).await;
            assert_eq!(bundle.status == 200, !label.starts_with("open"), "{label}");
        }
    }
}
