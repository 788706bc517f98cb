//! Where the corrections of a poll are shown, and that its recount file covers them.

use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::recount_file::check;
use pollstr::polls::sealing::seal::seal_due;
use serde_json::{Value, json};

use crate::polls::create::{NUMBER, id, made, make, run};
use crate::support::app::{START_TIME, Site};
use crate::support::browser::Person;
use crate::support::html;

/// Adds two corrections to a poll, a minute apart.
async fn corrected(site: &Site, olga: &Person, path: &str) {
    for text in ["=Tea, <b>hot</b> & \"black\"", "חליטה!"] {
        let form = json!({ "poll": id(path), "correction": text });
        made(&olga.call("correct_poll", form).await);
        site.clock.advance(60);
    }
}

#[tokio::test]
async fn corrections_are_shown_with_their_times_wherever_the_text_is() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (
            site.verified("olga", NUMBER).await,
            site.verified("paul", "+447700900124").await,
        );
        let more = json!({ "results": "always", "description": "Pick one." });
        let path = make(&olga, more).await;
        let later = make(
            &olga,
            json!({ "results": "after_close", "closes": "2026-11-24T07:00" }),
        )
        .await;
        let visitor = site.visitor();
        let pages = [
            (&olga, path.clone()),
            (&paul, path.clone()),
            (&visitor, path.clone()),
            (&paul, format!("{path}/vote")),
            (&visitor, format!("{path}/results")),
            (&visitor, format!("{path}/embed")),
            (&visitor, later.clone()),
            (&visitor, format!("{later}/results")),
            (&visitor, format!("{later}/embed")),
        ];
        for (person, page) in &pages {
            let page = person.get(page).await;
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(!page.body.contains("corrections"), "{}", page.body);
        }
        corrected(&site, &olga, &path).await;
        corrected(&site, &olga, &later).await;
        for (index, (person, page)) in pages.iter().enumerate() {
            let body = person.get(page).await.body;
            let [first, second] = if index < 6 {
                ["00", "01"]
            } else {
                ["02", "03"]
            };
            assert_eq!(
                html::texts(&body, "section.corrections li"),
                [
                    format!(
                        "Correction, 24 Nov 2026, 06:{first} UTC: =Tea, <b>hot</b> & \"black\""
                    ),
                    format!("Correction, 24 Nov 2026, 06:{second} UTC: חליטה!"),
                ],
                "{page}"
            );
            assert_eq!(html::texts(&body, ".corrections bdi")[1], "חליטה!");
            assert_eq!(
                html::attributes(&body, ".corrections time", "datetime")[0],
                format!("2026-11-24T06:{first}:00Z")
            );
            let heading = html::attribute(&body, "section.corrections", "aria-labelledby");
            assert_eq!(
                html::text(&body, &format!("h2#{}", heading.unwrap())),
                "Corrections"
            );
        }
        let body = visitor.get(&path).await.body;
        let between = html::texts(&body, "main > .description + .corrections + form");
        assert_eq!(between.len(), 1, "{body}");
    }
}

#[tokio::test]
async fn an_admin_sees_the_corrections_of_a_poll_that_was_taken_down() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let ada = site.verified("ada", "+447700900124").await;
    site.execute("UPDATE account SET role = 'admin' WHERE username = 'ada'")
        .await;
    let path = make(&olga, json!({})).await;
    corrected(&site, &olga, &path).await;
    let form = json!({ "poll": id(&path), "reason": "Spam" });
    made(&ada.call("take_down_poll", form).await);
    let page = ada.get(&format!("/admin{path}")).await;
    assert_eq!(html::texts(&page.body, ".corrections li").len(), 2);
}

#[tokio::test]
async fn programs_and_their_owner_read_the_corrections_too() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let other = make(&olga, json!({ "question": "Another?" })).await;
        let path = make(&olga, json!({ "results": "always" })).await;
        let read = async |path: &str| -> Value {
            serde_json::from_str(&olga.get(path).await.body).unwrap()
        };
        let call = format!("/api/poll?id={}", id(&path));
        assert_eq!(read(&call).await["poll"]["corrections"], json!([]));
        corrected(&site, &olga, &path).await;
        let list = json!([
            { "at": START_TIME, "text": "=Tea, <b>hot</b> & \"black\"" },
            { "at": START_TIME + 60, "text": "חליטה!" },
        ]);
        assert_eq!(read(&call).await["poll"]["corrections"], list);
        let ballot = read(&format!("/api/ballot?id={}", id(&path))).await;
        assert_eq!(ballot["poll"]["corrections"], list);
        let results = read(&format!("/api/results?id={}", id(&path))).await;
        assert_eq!(results["poll"]["corrections"], list);
        assert_eq!(
            read(&format!("{path}/results.json")).await["corrections"],
            list
        );
        let csv = olga.get(&format!("{path}/results.csv")).await.body;
        let lines = [
            "choice,votes,percent,leads",
            "Tea,0,0,no",
            "Coffee,0,0,no",
            "\"Correction, 2026-11-24T06:00:00Z: =Tea, <b>hot</b> & \"\"black\"\"\",,,",
            "\"Correction, 2026-11-24T06:01:00Z: חליטה!\",,,",
        ];
        assert_eq!(csv, format!("\u{feff}{}\r\n", lines.join("\r\n")));
        let polls = read("/account/data.json").await["polls"].clone();
        assert_eq!(
            polls[0]["corrections"],
            json!([
                { "made_at": "2026-11-24T06:00:00Z", "text": "=Tea, <b>hot</b> & \"black\"" },
                { "made_at": "2026-11-24T06:01:00Z", "text": "חליטה!" },
            ])
        );
        assert_eq!(polls[1]["path"], other);
        assert_eq!(polls[1]["corrections"], json!([]));
    }
}

#[tokio::test]
async fn the_recount_file_has_the_corrections_and_its_hash_covers_them() {
    for site in Site::on_each_database().await {
        let (db, olga) = (&site.state.db, site.verified("olga", NUMBER).await);
        let (path, plain) = (make(&olga, json!({})).await, make(&olga, json!({})).await);
        corrected(&site, &olga, &path).await;
        for path in [&path, &plain] {
            made(&run(&olga, "close_poll", path).await);
        }
        seal_due(db, &site.clock).await.unwrap();
        let bundle = async |path: &str| olga.get(&format!("{path}/bundle.json")).await.body;
        let whole = bundle(&path).await;
        let list = format!(
            "\"countries\":[]}},\n\"corrections\":[{{\"at\":{START_TIME},\"text\":\"=Tea, <b>hot</b> & \\\"black\\\"\"}},\
             {{\"at\":{},\"text\":\"חליטה!\"}}],\n\"count\":",
            START_TIME + 60
        );
        assert!(whole.contains(&list), "{whole}");
        let right = check(whole.as_bytes()).unwrap();
        olga.get(&format!("{path}/results"))
            .await
            .says(200, &right.fingerprint);
        let changed = whole.replace("black", "green");
        assert_ne!(
            check(changed.as_bytes()).unwrap().fingerprint,
            right.fingerprint
        );
        // One without corrections is as it was before there were any.
        let without = bundle(&plain).await;
        assert!(
            without.contains("\"countries\":[]},\n\"count\":"),
            "{without}"
        );
        check(without.as_bytes()).unwrap();

        let faults = async || {
            let found = recount(db, &id(&path), site.clock.now()).await.unwrap();
            found.unwrap().faults
        };
        assert_eq!(faults().await, Vec::<String>::new());
        let differs = ["its recount file differs from the published one"];
        for change in [
            "UPDATE correction SET text = 'Coffee' WHERE position = 2",
            "UPDATE correction SET text = 'חליטה!', created_at = 1 WHERE position = 2",
            "DELETE FROM correction WHERE position = 2",
        ] {
            site.execute(change).await;
            assert_eq!(faults().await, differs, "{change}");
        }
    }
}
