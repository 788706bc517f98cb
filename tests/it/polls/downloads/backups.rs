//! Backups under load, and interrupted ones.

use std::collections::BTreeSet;

use pollstr::platform::backup::{BackupError, backup};
use pollstr::platform::db::Db;
use pollstr::polls::sealing::recount::recount;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::app::{START_TIME, Site};
use crate::support::environment::folder;
use crate::support::voters::{asked, cast_all, electorate};

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
