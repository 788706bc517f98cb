//! The recount file, and counting again.

use std::collections::BTreeSet;
use std::process::Output;

use pollstr::platform::crypto::digest;
use pollstr::platform::db::execute;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::recount_file::check;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::voting::vote::Outcome;
use sea_orm::DbBackend;
use serde_json::Value;

use crate::polls::downloads::{RANKINGS, ranked, voted};
use crate::support::app::Site;
use crate::support::environment::{folder, program};

#[tokio::test]
async fn the_bundle_is_everybodys_after_the_close_and_its_hash_is_on_the_page() {
    for site in Site::on_each_database().await {
        let several: [&[i64]; 6] = [&[1], &[1, 4], &[2], &[1, 4], &[3], &[2, 3]];
        let (poll, counted) = voted(
            &site,
            |draft| draft.kind = Kind::Multiple { most: 2 },
            &several,
        )
        .await;
        let visitor = site.visitor();
        visitor
            .get(&format!("{poll}/bundle.json"))
            .await
            .says(403, "available after the poll closes");
        site.clock.advance(3_600);
        assert!(
            !visitor
                .get(&format!("{poll}/results"))
                .await
                .body
                .contains("bundle.json")
        );
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let bundle = visitor.get(&format!("{poll}/bundle.json")).await;
        bundle.says(200, "\"receipts\":[\n");
        let fingerprint = data_encoding::HEXLOWER.encode(&digest(bundle.body.as_bytes()));
        visitor
            .get(&format!("{poll}/results"))
            .await
            .says(200, &fingerprint);
        assert_eq!(
            visitor.get(&format!("{poll}/bundle.json")).await.body,
            bundle.body
        );
        let right = check(bundle.body.as_bytes()).unwrap();
        assert_eq!((right.ballots, right.fingerprint), (6, fingerprint));
        let json: Value = serde_json::from_str(&bundle.body).unwrap();
        let list = |name: &str| {
            json[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| line.as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let hash = |counted: &Outcome| {
            data_encoding::HEXLOWER.encode(&counted.as_ref().unwrap().receipt.hash())
        };
        let receipts: BTreeSet<String> = counted.iter().map(hash).collect();
        assert_eq!(list("receipts"), receipts.into_iter().collect::<Vec<_>>());
        assert_eq!(list("ballots"), ["1", "1,4", "1,4", "2", "2,3", "3"]);
    }
}

#[tokio::test]
async fn ballots_that_could_be_guessed_are_not_listed() {
    let site = Site::new().await;
    let (few, _) = voted(
        &site,
        |draft| draft.question = "Few?".to_owned(),
        &[&[1][..]; 4],
    )
    .await;
    let (five, _) = voted(
        &site,
        |draft| draft.question = "Five?".to_owned(),
        &[&[1][..]; 5],
    )
    .await;
    let (secret, _) = voted(&site, |draft| draft.kind = Kind::Ranked, &RANKINGS).await;
    let (few_ranked, _) = voted(&site, ranked, &RANKINGS[..4]).await;
    site.clock.advance(3_600);
    seal_due(&site.state.db, &site.clock).await.unwrap();
    let visitor = site.visitor();
    for (poll, left_out) in [
        (few, "\"few_voters\""),
        (five, "null"),
        (secret.clone(), "\"rankings\""),
        (few_ranked.clone(), "\"few_voters\""),
    ] {
        let bundle = visitor.get(&format!("{poll}/bundle.json")).await;
        bundle.says(200, &format!("\"left_out\":{left_out}"));
        assert_eq!(bundle.body.contains("\"ballots\":null"), left_out != "null");
        check(bundle.body.as_bytes()).unwrap();
    }
    visitor
        .get(&format!("{secret}/results.blt"))
        .await
        .says(404, "Page not found");
    visitor
        .get(&format!("{few_ranked}/results.blt"))
        .await
        .says(403, "they could be identified");
}

#[tokio::test]
async fn counting_again_finds_what_does_not_agree() {
    for site in Site::on_each_database().await {
        let db = &site.state.db;
        let faults = async |poll: &str| {
            recount(db, poll.trim_start_matches("/polls/"), site.clock.now())
                .await
                .unwrap()
                .unwrap()
                .faults
        };
        let (open, _) = voted(&site, |draft| draft.closes_at = None, &[&[1], &[2]]).await;
        let (poll, _) = voted(&site, ranked, &RANKINGS).await;
        site.clock.advance(3_600);
        seal_due(db, &site.clock).await.unwrap();
        assert_eq!((faults(&open).await, faults(&poll).await), (vec![], vec![]));
        let change = async |sql: &str| execute(db.write(), sql, []).await.unwrap();
        assert_eq!(
            change("UPDATE tally SET votes = votes + 1 WHERE key = '3>2'").await,
            1
        );
        assert_eq!(
            faults(&poll).await,
            [
                "the tally doesn't match the ballots",
                "its recount file differs from the published one"
            ]
        );
        change("UPDATE tally SET votes = votes - 1 WHERE key = '3>2'").await;
        change("UPDATE ballot SET choices = '3>1' WHERE choices = '3>2'").await;
        assert_eq!(faults(&poll).await.len(), 2);
        change("UPDATE ballot SET choices = '3>9' WHERE choices = '3>1'").await;
        assert!(faults(&poll).await[0].contains("isn't a valid ballot in this poll"));
        change("DELETE FROM participation WHERE voter IN (SELECT voter FROM participation ORDER BY voter LIMIT 1)").await;
        let all = [faults(&open).await, faults(&poll).await].concat();
        assert!(
            all.iter().any(|fault| fault.ends_with("voter marks")),
            "{all:?}"
        );
        assert_eq!(recount(db, "nosuchpoll", 0).await, Ok(None));
    }
}

fn pollstr(site: &Site, arguments: &[&str]) -> Output {
    program(&folder())
        .args(arguments)
        .env("DATABASE_URL", &site.state.config.database_url)
        .output()
        .unwrap()
}

#[tokio::test]
async fn the_commands_say_in_a_line_how_each_poll_was_found() {
    for site in Site::on_each_database().await {
        let (poll, _) = voted(&site, |_| {}, &[&[1][..]; 6]).await;
        site.clock.advance(3_600);
        seal_due(&site.state.db, &site.clock).await.unwrap();
        let file = folder().join("bundle.json");
        std::fs::write(
            &file,
            site.visitor()
                .get(&format!("{poll}/bundle.json"))
                .await
                .body,
        )
        .unwrap();
        let output_of = |arguments: &[&str]| {
            let output = pollstr(&site, arguments);
            (
                output.status.success(),
                String::from_utf8(output.stdout).unwrap()
                    + &String::from_utf8(output.stderr).unwrap(),
            )
        };
        let id = poll.trim_start_matches("/polls/");
        let (success, line) = output_of(&["recount", &file.display().to_string()]);
        assert!(
            success && line.starts_with(&format!("{id}: correct; 6 ballots, recounted")),
            "{line}"
        );
        let (success, lines) = output_of(&["recount"]);
        assert!(
            success && lines.lines().count() == 5 && lines.ends_with("4 recounted, all correct.\n"),
            "{lines}"
        );
        execute(
            site.state.db.write(),
            "UPDATE tally SET votes = 7 WHERE key = 'ballots' AND votes = 6",
            [],
        )
        .await
        .unwrap();
        let (success, lines) = output_of(&["recount", id]);
        assert!(
            !success && lines.starts_with(&format!("{id}: WRONG; 6 ballots, but the tally says 7")),
            "{lines}"
        );
        assert!(
            lines.ends_with("pollstr: 1 of 1 polls are wrong\n"),
            "{lines}"
        );
        let (success, line) = output_of(&["recount", "nosuchpoll"]);
        assert!(
            !success && line == "pollstr: nosuchpoll: no such poll or file\n",
            "{line}"
        );
        let copy = folder().join("copy.db").display().to_string();
        let (success, line) = output_of(&["backup", &copy]);
        if site.state.db.backend() == DbBackend::Sqlite {
            assert!(success && line.contains("isn't included"), "{line}");
            let (success, line) = output_of(&["backup", &copy]);
            assert!(
                !success && line.contains("already exists") && line.lines().count() == 1,
                "{line}"
            );
        } else {
            assert!(
                !success && line.starts_with("pollstr: use PostgreSQL's own tool: pg_dump"),
                "{line}"
            );
        }
    }
}
