//! What the operator is told about events and raised limits.

use pollstr::platform::clock::Clock;
use serde_json::{Value, json};

use crate::support::app::Site;
use crate::support::operator::{json, keys, run, told};

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_in_the_words_of_the_account_page() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        let amy = site.registered("amy").await;
        site.registered("ben").await;
        told(&site, &["user", "suspend", "ben", "--reason", "Spam"]);
        told(&site, &["user", "role", "amy", "admin"]);
        let events = json(&site, &["events", "amy"]);
        let first = &events[events.as_array().unwrap().len() - 1];
        assert_eq!(
            first,
            &json!({
                "at": first["at"],
                "account": "amy",
                "kind": "registered",
                "words": "You created this account",
                "detail": "",
                "browser": "An unknown browser",
                "ip_prefix": amy.place(),
            })
        );
        let latest = json(&site, &["events", "--limit", "2"]);
        let told_of = |at: usize, field: &str| latest[at][field].as_str().unwrap().to_owned();
        assert_eq!(latest.as_array().unwrap().len(), 2);
        assert_eq!(
            told_of(0, "kind") + " " + &told_of(0, "account"),
            "role changed amy"
        );
        assert_eq!(
            told_of(1, "kind") + " " + &told_of(1, "account"),
            "suspended ben"
        );
        let text = told(&site, &["events", "--limit", "2"]);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("WHEN ") && lines.len() == 3, "{text}");
        assert!(
            lines[2].ends_with(
                " UTC  the command line  ben      An admin suspended this account: Spam"
            ),
            "{text}"
        );
        // The events of a deleted account stay, without its name.
        told(&site, &["user", "delete", "ben", "--yes"]);
        let latest = json(&site, &["events", "--limit", "1"]);
        assert_eq!(
            (&latest[0]["kind"], &latest[0]["account"]),
            (&json!("account deleted"), &Value::Null)
        );
        assert!(!told(&site, &["events"]).contains(" ben "));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raised_limit_is_listed_and_removed() {
    for site in Site::on_each_database_at(Clock::system, &[]).await {
        assert_eq!(
            told(&site, &["allow", "list"]),
            "No address has a raised limit.\n"
        );
        for address in ["203.0.113.9", "2001:db8::7"] {
            told(&site, &["allow", address, "600", "4"]);
        }
        let listed = json(&site, &["allow", "list"]);
        assert_eq!(keys(&listed[0]), ["address", "per_hour", "until"]);
        let mut addresses = [0, 1].map(|at: usize| listed[at]["address"].as_str().unwrap());
        addresses.sort_unstable();
        assert_eq!(addresses, ["2001:db8::/64", "203.0.113.9"]);
        assert_eq!(listed[0]["per_hour"], 600);
        let text = told(&site, &["allow", "list"]);
        assert!(text.contains("203.0.113.9    600       "), "{text}");
        assert_eq!(json(&site, &["status"])["raised_limits"], listed);
        assert_eq!(
            told(&site, &["allow", "remove", "203.0.113.9"]),
            "203.0.113.9 has the usual limit again.\n"
        );
        // Any address of the network names it.
        told(&site, &["allow", "remove", "2001:db8::1"]);
        assert_eq!(json(&site, &["allow", "list"]), json!([]));
        assert_eq!(
            run(&site, &["allow", "remove", "203.0.113.9"]).fails(3),
            "203.0.113.9 has no raised limit; `pollstr allow list` shows all"
        );
        assert_eq!(run(&site, &["allow", "203.0.113.9", "5"]).code, 2);
    }
}
