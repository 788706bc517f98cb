//! After the close, marks and ballots can't be linked by anything stored.

use std::collections::HashSet;

use pollstr::polls::sealing::seal::seal_due;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::polls::sealing::pairing::{Bytes, Pair, guesses, path, place};
use crate::support::app::{START_TIME, Site};
use crate::support::voters::{asked, electorate};

#[tokio::test]
async fn marks_and_ballots_can_be_paired_before_the_close_and_cannot_after() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let poll = asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await;
        let mut pairs = Vec::new();
        for voter in electorate(state, 0, 24).await {
            let counted = state.ballots.cast(voter.vote(&poll, &[1])).await.unwrap();
            pairs.push((
                state.keys.voter(&poll, &voter.number).to_vec(),
                counted.receipt.hash().to_vec(),
            ));
        }
        let right = |guesses: Vec<Vec<Pair>>| {
            guesses
                .into_iter()
                .map(|guess| {
                    guess
                        .into_iter()
                        .filter(|pair| pairs.contains(pair))
                        .count()
                })
                .collect::<Vec<_>>()
        };
        let before = right(guesses(&site, &pairs).await);
        assert!(
            before.contains(&pairs.len()),
            "one who votes alone is found while the poll is open, or this test finds nothing: {before:?}"
        );
        site.clock.advance(60);
        assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
        let after = right(guesses(&site, &pairs).await);
        // One in 24 is right by chance.
        assert!(after.iter().all(|right| *right <= 7), "{after:?}");
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed' AND LENGTH(fingerprint) = 64")
                .await,
            1
        );
        for table in ["participation", "ballot"] {
            assert_eq!(
                site.count(&format!("SELECT COUNT(*) FROM {table}")).await,
                24
            );
        }
        left_nothing_behind(&site, &pairs).await;
    }
}

/// Asserts that rows from before the sealing are gone from the files.
async fn left_nothing_behind(site: &Site, pairs: &[Pair]) {
    if site.state.db.backend() == DbBackend::Sqlite {
        let (file, log) = (
            std::fs::read(path(site, "")).unwrap(),
            std::fs::read(path(site, "-wal")).unwrap(),
        );
        let times = |value: &[u8]| {
            file.windows(value.len())
                .filter(|window| *window == value)
                .count()
        };
        for (mark, receipt) in pairs {
            assert_eq!(
                (times(mark), times(receipt)),
                (1, 2),
                "a receipt stands in its table and in its index"
            );
            assert_eq!((place(&log, mark), place(&log, receipt)), (None, None));
        }
    } else {
        // A slot in a table is reused only when nothing of its former row is left.
        let poll = asked(&site.state, |_| {}).await;
        let voter = electorate(&site.state, 100, 1).await.remove(0);
        site.state
            .ballots
            .cast(voter.vote(&poll, &[1]))
            .await
            .unwrap();
        for table in ["participation", "ballot"] {
            let place = format!(
                "SELECT ({table}.ctid::text::point)[1] FROM {table} JOIN poll ON poll.id = poll_id WHERE public_id = '{poll}'"
            );
            assert!(site.count(&place).await <= 24, "{table}");
        }
    }
}

/// Returns the files of tables and indexes with this prefix.
async fn relations(site: &Site, begin: &str) -> Vec<Bytes> {
    let db = site.state.db.write();
    db.execute_unprepared("CHECKPOINT").await.unwrap();
    let sql = format!(
        "SELECT pg_read_binary_file(pg_relation_filepath(oid)) AS bytes FROM pg_class WHERE relname LIKE '{begin}%' AND relkind IN ('r', 'i')"
    );
    let rows = db
        .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get("", "bytes").unwrap())
        .collect()
}

/// Returns 32-byte values in a file, live or dead, each with the id of the transaction that wrote
/// it, if rows have one.
fn written(file: &[u8], values: &HashSet<&[u8]>, in_front: usize) -> Vec<([u8; 4], Bytes)> {
    let values =
        (in_front..file.len().saturating_sub(31)).filter(|at| values.contains(&file[*at..at + 32]));
    values
        .map(|at| {
            (
                file[at - in_front..at - in_front + 4].try_into().unwrap(),
                file[at..at + 32].to_vec(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_files_of_postgresql_nothing_is_left_that_pairs_marks_and_ballots() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let state = &site.state;
        let (poll, open) = (
            asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await,
            asked(state, |_| {}).await,
        );
        let mut pairs = Vec::new();
        for (n, voter) in electorate(state, 0, 1_000).await.into_iter().enumerate() {
            let counted = state.ballots.cast(voter.vote(&poll, &[1])).await.unwrap();
            pairs.push((
                state.keys.voter(&poll, &voter.number).to_vec(),
                counted.receipt.hash().to_vec(),
            ));
            // So that every page has votes that stay.
            if n % 10 == 0 {
                state.ballots.cast(voter.vote(&open, &[1])).await.unwrap();
            }
        }
        let marks: HashSet<&[u8]> = pairs.iter().map(|(mark, _)| mark.as_slice()).collect();
        let receipts: HashSet<&[u8]> = pairs
            .iter()
            .map(|(_, receipt)| receipt.as_slice())
            .collect();
        // A row has a 24-byte header, which starts with `xmin`.
        let guesses = async |part: &str| {
            let marks: Vec<_> = relations(&site, &format!("participation_{part}"))
                .await
                .iter()
                .flat_map(|file| written(file, &marks, 33))
                .collect();
            let ballots: Vec<_> = relations(&site, &format!("ballot_{part}"))
                .await
                .iter()
                .flat_map(|file| written(file, &receipts, 52))
                .collect();
            let by_author = marks.iter().filter(|(author, mark)| {
                let mut same = ballots
                    .iter()
                    .filter(|(other, _)| other == author)
                    .map(|(_, receipt)| receipt);
                let receipt = same.next();
                receipt.is_some_and(|receipt| {
                    same.next().is_none() && pairs.contains(&(mark.clone(), receipt.clone()))
                })
            });
            let by_place = marks
                .iter()
                .zip(&ballots)
                .filter(|((_, mark), (_, receipt))| {
                    pairs.contains(&(mark.clone(), receipt.clone()))
                });
            (
                marks.len() + ballots.len(),
                by_author.count(),
                by_place.count(),
            )
        };
        let (_, by_author, _) = guesses("open").await;
        assert!(
            by_author > 900,
            "all are found while the poll is open, or this test finds nothing: {by_author}"
        );
        site.clock.advance(60);
        assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
        assert_eq!(guesses("open").await, (0, 0, 0));
        let (found, by_author, by_place) = guesses("sealed").await;
        assert!(found >= 2_000, "they are where sealed votes are: {found}");
        assert!(by_author == 0 && by_place < 20, "{by_author} {by_place}");
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1_100);
    }
}
