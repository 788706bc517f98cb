//! Sealing: after the close, marks and ballots can't be linked, whatever part of the database is
//! read.

use std::collections::{BTreeMap, HashSet};
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::pin;
use std::task::Poll;

use pollstr::polls::model::poll::Kind;
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::{polls, votes};
use pollstr::polls::voting::vote::VoteError;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::app::{START_TIME, Site, until};
use crate::support::voters::{asked, cast_all, electorate};

type Bytes = Vec<u8>;
/// A mark and the receipt of the same vote.
type Pair = (Bytes, Bytes);

/// Ways to link marks and ballots for someone who reads the whole database.
async fn guesses(site: &Site, pairs: &[Pair]) -> Vec<Vec<Pair>> {
    if site.state.db.backend() == DbBackend::Sqlite {
        by_files(site, pairs)
    } else {
        by_rows(site).await
    }
}

/// By the position in the database files where a mark and a receipt first appear.
fn by_files(site: &Site, pairs: &[Pair]) -> Vec<Vec<Pair>> {
    let (marks, receipts): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
    let guess = |file: Bytes| {
        let in_order = |mut values: Vec<Bytes>| {
            values.retain(|value| place(&file, value).is_some());
            values.sort_by_key(|value| place(&file, value));
            values
        };
        in_order(marks.clone())
            .into_iter()
            .zip(in_order(receipts.clone()))
            .collect()
    };
    [path(site, ""), path(site, "-wal")]
        .into_iter()
        .map(|path| guess(std::fs::read(path).unwrap_or_default()))
        .collect()
}

fn path(site: &Site, end: &str) -> PathBuf {
    PathBuf::from(format!(
        "{}{end}",
        site.state
            .config
            .database_url
            .trim_start_matches("sqlite://")
    ))
}

fn place(file: &[u8], value: &[u8]) -> Option<usize> {
    file.windows(value.len()).position(|window| window == value)
}

/// By the transaction that wrote a row, and the row's position in its table.
async fn by_rows(site: &Site) -> Vec<Vec<Pair>> {
    let rows = async |table: &str, column: &str| {
        let sql =
            format!("SELECT {column} AS value, xmin::text AS author FROM {table} ORDER BY ctid");
        let rows = site
            .state
            .db
            .read()
            .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await
            .unwrap();
        rows.iter()
            .map(|row| {
                (
                    row.try_get("", "author").unwrap(),
                    row.try_get("", "value").unwrap(),
                )
            })
            .collect::<Vec<(String, Bytes)>>()
    };
    let (marks, ballots) = (
        rows("participation", "voter").await,
        rows("ballot", "receipt").await,
    );
    let by_author = marks.iter().filter_map(|(author, mark)| {
        let mut same = ballots.iter().filter(|(other, _)| other == author);
        let (_, receipt) = same.next()?;
        same.next()
            .is_none()
            .then(|| (mark.clone(), receipt.clone()))
    });
    let by_place = marks
        .iter()
        .zip(&ballots)
        .map(|((_, mark), (_, receipt))| (mark.clone(), receipt.clone()));
    vec![by_author.collect(), by_place.collect()]
}

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

/// Runs a future, but cancels it after it has been pending this many times.
async fn unless_it_waits<T>(most: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut waits) = (pin!(work), 0);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if waits == most => Poll::Ready(None),
        Poll::Pending => {
            waits += 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn sealing_that_was_stopped_anywhere_is_done_again() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let poll = asked(state, |draft| {
            draft.kind = Kind::Multiple { most: 2 };
            draft.closes_at = Some(START_TIME + 60);
        })
        .await;
        let voters = electorate(state, 0, 40).await;
        let cast = cast_all(
            &state.ballots,
            voters.iter().map(|voter| voter.vote(&poll, &[1, 3])),
        )
        .await;
        assert!(cast.iter().all(Result::is_ok));
        site.clock.advance(60);
        let (mut waits, mut sealed) = (0, 0);
        for _ in 0..5_000 {
            let done = unless_it_waits(waits, seal_due(&state.db, &site.clock)).await;
            for same in [
                "SELECT COUNT(*) FROM ballot",
                "SELECT COUNT(*) FROM participation",
                "SELECT votes FROM tally WHERE key = '3'",
            ] {
                assert_eq!(site.count(same).await, 40, "stopped after {waits} waits");
            }
            sealed = site
                .count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
                .await;
            match done {
                None => waits += 1,
                // On PostgreSQL the lock of a cancelled run may be released a moment later.
                Some(done) => assert!(done.is_ok(), "{done:?}"),
            }
            if sealed == 1 {
                break;
            }
        }
        assert!(sealed == 1 && waits > 3, "stopped after {waits} waits");
        let stored = polls::find(state.db.read(), &poll, site.clock.now())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            stored.fingerprint,
            Some(
                pollstr::polls::sealing::bundle::fingerprint(&state.db, &stored)
                    .await
                    .unwrap()
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_seal_a_poll_once_and_no_vote_comes_after() {
    for site in Site::on_each_database().await {
        let twin = site.twin().await;
        let state = &site.state;
        let poll = asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await;
        let voters = electorate(state, 0, 11).await;
        cast_all(
            &state.ballots,
            voters[..10].iter().map(|voter| voter.vote(&poll, &[2])),
        )
        .await;
        site.clock.advance(60);
        // The second instance's clock is slow: there the poll is still open.
        twin.state.clock.advance(59);
        let (here, there) = (
            seal_due(&state.db, &site.clock),
            seal_due(&twin.state.db, &site.clock),
        );
        let sealed = tokio::join!(here, there);
        assert!(sealed.0.is_ok() && sealed.1.is_ok(), "{sealed:?}");
        seal_due(&state.db, &site.clock).await.unwrap();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
                .await,
            1
        );
        assert_eq!(
            twin.state.ballots.cast(voters[10].vote(&poll, &[1])).await,
            Err(VoteError::Closed)
        );
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sealing_waits_for_votes_that_are_under_way() {
    for site in Site::on_each_database().await {
        if site.state.db.backend() == DbBackend::Sqlite {
            continue; // SQLite has a single writer, which the vote holds.
        }
        let state = &site.state;
        let poll = asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await;
        let vote = state.db.begin().await.unwrap();
        vote.execute_unprepared(&format!(
            "SELECT 1 FROM poll WHERE public_id = '{poll}' FOR NO KEY UPDATE"
        ))
        .await
        .unwrap();
        site.clock.advance(60);
        let sealing = tokio::spawn({
            let (db, clock) = (state.db.clone(), site.clock.clone());
            async move { seal_due(&db, &clock).await }
        });
        let waits =
            "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
        until(async || site.count(waits).await > 0).await;
        let of_poll = format!("(SELECT id FROM poll WHERE public_id = '{poll}')");
        for insert in [
            format!("INSERT INTO participation SELECT {of_poll}, '\\x01'"),
            format!("INSERT INTO ballot SELECT {of_poll}, '\\x01', '3', '\\x02'"),
            format!(
                "INSERT INTO tally SELECT {of_poll}, key, 1 FROM (VALUES ('3'), ('ballots')) AS t (key)"
            ),
        ] {
            vote.execute_unprepared(&insert).await.unwrap();
        }
        assert!(!sealing.is_finished());
        vote.commit().await.unwrap();
        assert_eq!(sealing.await.unwrap(), Ok(1));
        let stored = polls::find(state.db.read(), &poll, site.clock.now())
            .await
            .unwrap()
            .unwrap();
        let mut counted = BTreeMap::new();
        for (said, times) in votes::tally(state.db.read(), stored.row)
            .await
            .unwrap()
            .votes
        {
            counted.insert(said.text(Kind::Single), times);
        }
        assert_eq!(counted, BTreeMap::from([("3".to_owned(), 1)]));
        assert_eq!(
            stored.fingerprint,
            Some(
                pollstr::polls::sealing::bundle::fingerprint(&state.db, &stored)
                    .await
                    .unwrap()
            )
        );
    }
}

#[tokio::test]
async fn a_poll_that_cannot_be_sealed_keeps_no_other_from_it() {
    for site in Site::on_each_database().await {
        let state = &site.state;
        let mut polls = Vec::new();
        for seconds in [59, 60] {
            polls.push(asked(state, |draft| draft.closes_at = Some(START_TIME + seconds)).await);
        }
        let kind = async |kind: &str| {
            let sql = format!(
                "UPDATE poll SET kind = '{kind}' WHERE public_id = '{}'",
                polls[0]
            );
            state.db.write().execute_unprepared(&sql).await.unwrap();
        };
        kind("none").await;
        site.clock.advance(60);
        assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
        let sealed = format!(
            "SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed' AND public_id = '{}'",
            polls[1]
        );
        assert_eq!(site.count(&sealed).await, 1);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state <> 'not_started'")
                .await,
            2,
            "no vote comes in after the close"
        );
        kind("single").await;
        assert_eq!(
            seal_due(&state.db, &site.clock).await,
            Ok(0),
            "it is left alone for a while"
        );
        site.clock.advance(30);
        assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
    }
}

#[tokio::test]
async fn open_polls_drafts_and_polls_without_an_end_are_left_alone() {
    let site = Site::new().await;
    let state = &site.state;
    asked(state, |draft| draft.closes_at = Some(START_TIME + 61)).await;
    asked(state, |draft| {
        (draft.draft, draft.closes_at) = (true, Some(START_TIME + 1));
    })
    .await;
    site.clock.advance(60);
    assert_eq!(seal_due(&state.db, &site.clock).await, Ok(0));
    site.clock.advance(1);
    assert_eq!(seal_due(&state.db, &site.clock).await, Ok(1));
    assert_eq!(
        site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
            .await,
        1
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_not_sealed_while_somebody_may_still_see_what_was_before() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let state = &site.state;
        let poll = asked(state, |draft| draft.closes_at = Some(START_TIME + 60)).await;
        let voters = electorate(state, 0, 5).await;
        cast_all(
            &state.ballots,
            voters.iter().map(|voter| voter.vote(&poll, &[2])),
        )
        .await;
        let old = state.db.begin().await.unwrap();
        old.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            .await
            .unwrap();
        site.clock.advance(60);
        let failed = seal_due(&state.db, &site.clock)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            failed.contains("a transaction from before the close is still open"),
            "{failed}"
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM poll WHERE sealing_state = 'sealed'")
                .await,
            0
        );
        old.rollback().await.unwrap();
        // The failed run's lock may be released a moment later.
        until(async || seal_due(&state.db, &site.clock).await == Ok(1)).await;
    }
}
