//! Moving a site from SQLite to PostgreSQL and back.

use std::path::Path;
use std::process::Stdio;

use pollstr::platform::clock::Clock;
use pollstr::polls::sealing::seal::seal_due;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, Statement};
use serde_json::json;

use crate::database::crashes::Process;
use crate::database::upgrade::{folder_with_secret, sqlite_copy};
use crate::support::app::Site;
use crate::support::environment::{folder, free_address, new_database, program, server_url};
use crate::support::operator::{ran, run_in, told};
use crate::support::voters::{asked, cast_all, electorate};

const NUMBER: &str = "+447700900123";

/// How many rows of one SQLite file's table, or of its list of ids, another one's lacks.
async fn missing(file: &Path, other: &Path) -> Vec<(String, i64)> {
    let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
    let db = Database::connect(options.max_connections(1).to_owned())
        .await
        .unwrap();
    let attach = format!("ATTACH '{}' AS other", other.display());
    db.execute_unprepared(&attach).await.unwrap();
    let query = |sql: &str| Statement::from_string(db.get_database_backend(), sql);
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('identity_change', 'seaql_migrations', 'sqlite_stat1')";
    let mut counts = Vec::new();
    for row in db.query_all_raw(query(names)).await.unwrap() {
        let name: String = row.try_get("", "name").unwrap();
        let own = if name == "sqlite_sequence" {
            "WHERE name <> 'identity_change'"
        } else {
            ""
        };
        let sql = format!(
            "SELECT COUNT(*) AS n FROM (SELECT * FROM main.{name} {own} EXCEPT SELECT * FROM other.{name})"
        );
        let row = db.query_one_raw(query(&sql)).await.unwrap().unwrap();
        counts.push((name, row.try_get("", "n").unwrap()));
    }
    db.close().await.unwrap();
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_moves_to_postgresql_and_back_with_every_row_and_in_no_order() {
    let Some(server) = server_url() else { return };
    let site = Site::provided(Clock::system(), &[]).await;
    let amy = site.verified("amy", NUMBER).await;
    let path = site.poll().await;
    amy.fill(&format!("{path}/vote"), "Vote", &[("choice", "1")])
        .await
        .goes_to(&format!("{path}/results"));
    // A sealed poll, and an open one in which many have voted, neither in the order of their keys.
    let people = electorate(&site.state, 0, 40).await;
    let (sealed, open) = (
        asked(&site.state, |_| {}).await,
        asked(&site.state, |_| {}).await,
    );
    for poll in [&sealed, &open] {
        for voter in &people {
            let cast = cast_all(&site.state.ballots, [voter.vote(poll, &[1])]).await;
            assert!(cast[0].is_ok());
        }
    }
    told(&site, &["poll", "close", &sealed]);
    assert_eq!(seal_due(&site.state.db, &site.clock).await.unwrap(), 1);
    // The highest id of a table may be that of a deleted row.
    told(&site, &["user", "create", "zoe"]);
    told(&site, &["user", "delete", "zoe", "--yes"]);
    site.state.db.close().await;

    let folder = site.state.config.secret_file.parent().unwrap().to_owned();
    let (sqlite, postgres) = (&site.state.config.database_url, new_database(&server).await);
    let moved = run_in(&folder, &["move-database", sqlite, &postgres]);
    assert_eq!((moved.code, moved.err.as_str()), (0, ""), "{moved:?}");
    assert!(
        moved
            .out
            .contains("; all arrived, and 5 polls recounted alike. Set DATABASE_URL")
            && !moved.out.contains("pollstr:pollstr"),
        "{moved:?}"
    );
    let back = folder.join("back.db");
    let url = format!("sqlite://{}", back.display());
    let mut again = program(&folder);
    again
        .args(["move-database", "DATABASE_URL", &url])
        .env("DATABASE_URL", &postgres);
    let again = ran(&mut again);
    assert_eq!((again.code, again.err.as_str()), (0, ""), "{again:?}");
    let file = folder.join("pollstr.db");
    for (one, other) in [(&file, &back), (&back, &file)] {
        let missing = missing(one, other).await;
        assert!(
            missing.len() > 20 && missing.iter().all(|(_, rows)| *rows == 0),
            "{missing:?}"
        );
    }

    let moved = Site::set(&postgres, folder.clone(), Clock::system(), &[]).await;
    for (rows, expected) in [
        ("SELECT COUNT(*) FROM ballot_sealed", 40),
        ("SELECT COUNT(*) FROM participation_sealed", 40),
        ("SELECT COUNT(*) FROM ballot_open", 41),
        // Nothing tells in which order people voted.
        (
            "SELECT COUNT(*) FROM (SELECT poll_id, voter, lag((poll_id, voter)) OVER (ORDER BY ctid) AS before FROM participation_open) AS marks WHERE before > (poll_id, voter)",
            0,
        ),
        (
            "SELECT COUNT(*) FROM (SELECT poll_id, id, lag((poll_id, id)) OVER (ORDER BY ctid) AS before FROM ballot_open) AS ballots WHERE before > (poll_id, id)",
            0,
        ),
        (
            "SELECT COUNT(DISTINCT xmin::text) FROM participation_open",
            1,
        ),
    ] {
        assert_eq!(moved.count(rows).await, expected, "{rows}");
    }
    // People go on where they were, and new rows get new ids.
    let amy = amy.at(&moved.origin);
    amy.get("/account").await.says(200, "+44 ···· ··23");
    let vote = json!({ "poll": path.trim_start_matches("/polls/"), "choice": "2" });
    amy.call("cast_vote", vote).await.says(
        422,
        "You've already voted in this poll, and that vote stands.",
    );
    let poll = json!({ "question": "Tea?", "choice": ["Yes", "No"] });
    amy.call("create_poll", poll).await.says(200, "");
    let last = moved.count("SELECT MAX(id) FROM account").await;
    moved.registered("zoe").await;
    let zoe = moved.count("SELECT MAX(id) FROM account").await;
    assert_eq!(
        zoe,
        last + 2,
        "the id of the deleted account isn't used again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_refused_while_a_site_runs_or_onto_other_data_and_changes_nothing() {
    let Some(server) = server_url() else { return };
    let (folder, postgres) = (folder(), new_database(&server).await);
    let (sqlite, address) = ("sqlite://data/pollstr.db", free_address());
    let moves = |from: &str, to: &str| run_in(&folder, &["move-database", from, to]);
    let place = folder.join("data/pollstr.db");
    let place = place.display();
    let same =
        "name an SQLite file and a PostgreSQL database; for two of a kind, use `pollstr backup`";
    for (from, to) in [(sqlite, "sqlite://other.db"), (&*postgres, &*postgres)] {
        assert!(moves(from, to).fails(1).starts_with(same));
    }
    assert_eq!(
        moves(sqlite, &postgres).fails(1),
        format!("there is no Pollstr database at {place}")
    );
    assert!(!folder.join("data").exists());
    assert!(
        moves(&postgres, sqlite)
            .fails(1)
            .starts_with("there is no Pollstr database at it_")
    );
    assert_eq!(run_in(&folder, &["seed"]).code, 0);
    let mut site = Process::run(&mut program(&folder), &address, "error", Stdio::null()).await;
    assert_eq!(
        moves(sqlite, &postgres).fails(1),
        format!("another process has {place} open; stop the site first")
    );
    site.kill();
    assert_eq!(moves(sqlite, &postgres).code, 0);
    let full = moves(sqlite, &postgres);
    assert!(
        full.fails(1).starts_with("the database at it_")
            && full.err.contains(" isn't empty; name a new one"),
        "{full:?}"
    );
    let mut command = program(&folder);
    let mut site = Process::run(
        command.env("DATABASE_URL", &postgres),
        &address,
        "error",
        Stdio::null(),
    )
    .await;
    let running = moves(&postgres, "sqlite://other.db");
    assert!(
        running
            .fails(1)
            .starts_with("a Pollstr process is connected to it_"),
        "{running:?}"
    );
    assert!(!folder.join("other.db").exists());
    site.kill();
    // Another program's tables are no empty database either.
    let other = new_database(&server).await;
    let db = Database::connect(&other).await.unwrap();
    db.execute_unprepared("CREATE TABLE theirs (x BIGINT)")
        .await
        .unwrap();
    db.close().await.unwrap();
    assert!(
        moves(sqlite, &other)
            .err
            .contains(" isn't empty; name a new one")
    );
    let earlier = folder_with_secret();
    let url = sqlite_copy(&earlier);
    let refused = run_in(
        &earlier,
        &["move-database", &url, &new_database(&server).await],
    );
    assert!(
        refused.fails(1).ends_with("run `pollstr migrate` first"),
        "{refused:?}"
    );
}
