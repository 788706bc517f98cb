//! Result files, the recount file, recounting, and backups.

use std::collections::BTreeSet;
use std::process::Output;

use pollstr::platform::backup::{BackupError, backup};
use pollstr::platform::crypto::digest;
use pollstr::platform::db::{Db, execute};
use pollstr::polls::model::poll::{Kind, ResultsRule};
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::recount_file::check;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::voting::vote::Outcome;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

use crate::support::app::{START_TIME, Site, folder, program};
use crate::support::voters::{asked, cast_all, electorate};

const RANKINGS: [&[i64]; 6] = [&[1, 2], &[1, 3], &[2], &[2, 3, 1], &[3, 2], &[2, 1]];

/// Creates a one-hour poll with this many votes.
async fn voted(
    site: &Site,
    change: impl FnOnce(&mut Draft),
    chosen: &[&[i64]],
) -> (String, Vec<Outcome>) {
    let poll = asked(&site.state, |draft| {
        draft.closes_at = Some(START_TIME + 3_600);
        change(draft);
    })
    .await;
    let first = usize::try_from(site.count("SELECT COUNT(*) FROM account").await).unwrap();
    let people = electorate(&site.state, first, chosen.len()).await;
    let votes = people
        .iter()
        .zip(chosen)
        .map(|(voter, chosen)| voter.vote(&poll, chosen));
    let counted = cast_all(&site.state.ballots, votes).await;
    assert!(counted.iter().all(Result::is_ok));
    (format!("/polls/{poll}"), counted)
}

fn ranked(draft: &mut Draft) {
    (draft.kind, draft.rankings, draft.results) = (Kind::Ranked, true, ResultsRule::Always);
}

#[tokio::test]
async fn files_hold_the_results_and_are_kept_by_nobody() {
    for site in Site::on_each_database().await {
        let (poll, _) = voted(&site, ranked, &RANKINGS).await;
        let visitor = site.visitor();
        let csv = visitor.get(&format!("{poll}/results.csv")).await;
        let lines = [
            "choice,votes,percent,leads,round 1,round 2,round 3",
            "Beagle,2,33,no,2,2,2",
            "Collie,3,50,yes,3,3,4",
            "Dachshund,1,17,no,1,1,",
            "Poodle,0,0,no,0,,",
            "(no choice left),,,,0,0,0",
        ];
        assert_eq!(
            (csv.status.as_u16(), csv.body),
            (200, format!("\u{feff}{}\r\n", lines.join("\r\n")))
        );
        assert_eq!(csv.headers["cache-control"], "no-store");
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
        let name = format!(
            "attachment; filename=\"poll-{}.csv\"",
            poll.trim_start_matches("/polls/")
        );
        assert_eq!(csv.headers["content-disposition"], name);
        let json: Value =
            serde_json::from_str(&visitor.get(&format!("{poll}/results.json")).await.body).unwrap();
        assert_eq!(
            (
                &json["count"]["ballots"],
                &json["count"]["winners"][0],
                &json["state"]
            ),
            (&6.into(), &2.into(), &"open".into())
        );
        visitor
            .get(&format!("{poll}/results.blt"))
            .await
            .says(403, "available after the poll closes");
        site.clock.advance(3_600);
        for file in ["results.blt", "bundle.json"] {
            let soon = visitor.get(&format!("{poll}/{file}")).await;
            soon.says(503, "its ballots are being sealed");
            assert_eq!(soon.header("retry-after"), "5");
        }
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state <> 'not_started'")
                .await,
            0,
            "whoever asks for a file changes nothing"
        );
        seal_due(&site.state.db, &site.clock).await.unwrap();
        visitor.get(&format!("{poll}/results.blt")).await.says(
            200,
            "4 1\n1 1 2 0\n1 1 3 0\n1 2 0\n1 2 1 0\n1 2 3 1 0\n1 3 2 0\n0\n\"Beagle\"\n\"Collie\"\n\"Dachshund\"\n\"Poodle\"\n\"Which dog?\"\n",
        );
    }
}

#[tokio::test]
async fn a_file_is_refused_as_the_page_is_and_tells_nothing() {
    let site = Site::new().await;
    let amy = site.verified("amy", "+447700900123").await;
    let unverified = site.registered("ben").await;
    for file in ["results", "results.csv", "results.json"] {
        let (poll, _) = voted(
            &site,
            |draft| draft.results = ResultsRule::AfterVote,
            &[&[1]],
        )
        .await;
        let path = format!("{poll}/{file}");
        site.visitor()
            .get(&path)
            .await
            .goes_to(&format!("/login?next={path}"));
        unverified
            .get(&path)
            .await
            .goes_to(&format!("/verify?next={path}"));
        amy.get(&path).await.goes_to(&format!("{poll}/vote"));
        let (poll, _) = voted(
            &site,
            |draft| draft.results = ResultsRule::AfterClose,
            &[&[1]],
        )
        .await;
        amy.get(&format!("{poll}/{file}"))
            .await
            .says(403, "Results will be published when the poll closes");
        let json = amy
            .request(reqwest::Method::GET, &format!("{poll}/{file}"))
            .header("accept", "application/json");
        if file != "results" {
            amy.send(json).await.says(
                403,
                "\"message\":\"Results will be published when the poll closes",
            );
        }
    }
    for file in ["results.csv", "results.json", "results.blt", "bundle.json"] {
        amy.get(&format!("/polls/nosuchpoll/{file}"))
            .await
            .says(404, "Page not found");
        amy.get(&format!("/polls/%22/{file}"))
            .await
            .says(404, "Page not found");
    }
    let (draft, _) = voted(&site, |draft| draft.draft = true, &[]).await;
    amy.get(&format!("{draft}/bundle.json"))
        .await
        .says(404, "Page not found");
}

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
        let said = |arguments: &[&str]| {
            let output = pollstr(&site, arguments);
            (
                output.status.success(),
                String::from_utf8(output.stdout).unwrap()
                    + &String::from_utf8(output.stderr).unwrap(),
            )
        };
        let id = poll.trim_start_matches("/polls/");
        let (success, line) = said(&["recount", &file.display().to_string()]);
        assert!(
            success && line.starts_with(&format!("{id}: correct; 6 ballots, recounted")),
            "{line}"
        );
        let (success, lines) = said(&["recount"]);
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
        let (success, lines) = said(&["recount", id]);
        assert!(
            !success && lines.starts_with(&format!("{id}: WRONG; 6 ballots, but the tally says 7")),
            "{lines}"
        );
        assert!(
            lines.ends_with("pollstr: 1 of 1 polls are wrong\n"),
            "{lines}"
        );
        let (success, line) = said(&["recount", "nosuchpoll"]);
        assert!(
            !success && line == "pollstr: nosuchpoll: no such poll or file\n",
            "{line}"
        );
        let copy = folder().join("copy.db").display().to_string();
        let (success, line) = said(&["backup", &copy]);
        if site.state.db.backend() == DbBackend::Sqlite {
            assert!(success && line.contains("isn't included"), "{line}");
            let (success, line) = said(&["backup", &copy]);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_under_load_holds_every_vote_acknowledged_before() {
    let site = Site::new().await;
    let state = &site.state;
    let poll = asked(state, |_| {}).await;
    let people = electorate(state, 0, 600).await;
    let (first, others) = people.split_at(200);
    let acknowledged = cast_all(
        &state.ballots,
        first.iter().map(|voter| voter.vote(&poll, &[1])),
    )
    .await;
    let load = tokio::spawn({
        let (ballots, votes) = (
            state.ballots.clone(),
            others
                .iter()
                .map(|voter| voter.vote(&poll, &[2]))
                .collect::<Vec<_>>(),
        );
        async move {
            for votes in votes.chunks(20) {
                cast_all(&ballots, votes.to_vec()).await;
            }
        }
    });
    let copy = folder().join("copy.db");
    backup(&state.db, &copy).await.unwrap();
    load.await.unwrap();
    assert!(matches!(
        backup(&state.db, &copy).await,
        Err(BackupError::Exists(_))
    ));
    let db = Db::connect(&format!("sqlite://{}", copy.display()))
        .await
        .unwrap();
    let rows = db
        .read()
        .query_all_raw(Statement::from_string(
            DbBackend::Sqlite,
            "SELECT receipt FROM ballot",
        ))
        .await
        .unwrap();
    let held: BTreeSet<Vec<u8>> = rows
        .iter()
        .map(|row| row.try_get("", "receipt").unwrap())
        .collect();
    assert!(
        acknowledged
            .iter()
            .all(|vote| held.contains(vote.as_ref().unwrap().receipt.hash().as_slice()))
    );
    assert_eq!(
        recount(&db, &poll, START_TIME)
            .await
            .unwrap()
            .unwrap()
            .faults,
        Vec::<String>::new()
    );
    assert_eq!(
        recount(&state.db, &poll, START_TIME)
            .await
            .unwrap()
            .unwrap()
            .ballots,
        600
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_copy_that_was_stopped_is_named_and_one_that_fails_leaves_nothing() {
    let (site, folder) = (Site::new().await, folder());
    let (copy, part) = (folder.join("copy.db"), folder.join("copy.db.part"));
    std::fs::write(&part, "").unwrap();
    let said = backup(&site.state.db, &copy).await.unwrap_err().to_string();
    assert!(
        said.starts_with(&format!(
            "{}: left over from an interrupted backup",
            part.display()
        )),
        "{said}"
    );
    std::fs::remove_file(&part).unwrap();
    site.state.db.close().await;
    let failed = backup(&site.state.db, &copy).await;
    assert!(
        matches!(failed, Err(BackupError::Database(_))),
        "{failed:?}"
    );
    assert!(!part.exists() && !copy.exists());
}
