//! Statements, commits and rollbacks that fail.

use std::time::Duration;

use pollstr::platform::db::execute;
use pollstr::polls::voting::vote::VoteError;
use sea_orm::DbBackend;
use sea_orm::sqlx::{Connection, Executor};

use crate::database::faults::Election;
use crate::support::app::Site;

/// SQL that makes SQLite roll back on its own.
const ROLLED_BACK: &str = "CREATE TRIGGER fault BEFORE INSERT ON ballot BEGIN SELECT RAISE(ROLLBACK, 'as on a full disk'); END";

#[tokio::test]
async fn a_statement_after_which_sqlite_rolls_back_by_itself_spoils_no_later_vote() {
    let site = Site::new().await;
    let mut election = Election::at(&site).await;
    election.run(ROLLED_BACK).await;
    for _ in 0..2 {
        assert_eq!(election.vote().await, Err(VoteError::Failed));
        election.is_not_ready().await;
    }
    election.run("DROP TRIGGER fault").await;
    election.goes_on().await;
}

#[tokio::test]
async fn an_interrupted_statement_spoils_no_later_vote() {
    let site = Site::new().await;
    let mut election = Election::at(&site).await;
    for steps in [1, 20, 200] {
        let mut connection = site
            .state
            .db
            .migrations()
            .get_sqlite_connection_pool()
            .acquire()
            .await
            .unwrap();
        connection
            .lock_handle()
            .await
            .unwrap()
            .set_progress_handler(steps, || false);
        drop(connection);
        let _ = election.vote().await;
        let mut connection = site
            .state
            .db
            .migrations()
            .get_sqlite_connection_pool()
            .acquire()
            .await
            .unwrap();
        connection
            .lock_handle()
            .await
            .unwrap()
            .remove_progress_handler();
        drop(connection);
        election.goes_on().await;
    }
}

#[tokio::test]
async fn a_commit_that_is_refused_is_not_acknowledged() {
    for site in Site::on_each_database().await {
        let mut election = Election::at(&site).await;
        if site.state.db.backend() == DbBackend::Sqlite {
            election.run("CREATE TABLE orphan (parent INTEGER REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)").await;
            election.run("CREATE TRIGGER fault BEFORE INSERT ON ballot BEGIN INSERT INTO orphan VALUES (-1); END").await;
        } else {
            election.run("CREATE FUNCTION fault() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql").await;
            let trigger = "CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON ballot_open DEFERRABLE INITIALLY DEFERRED
                           FOR EACH ROW EXECUTE FUNCTION fault()";
            election.run(trigger).await;
        }
        for _ in 0..2 {
            assert_eq!(election.vote().await, Err(VoteError::OutcomeUnknown));
        }
        election.is_stored().await;
        let table = if site.state.db.backend() == DbBackend::Sqlite {
            ""
        } else {
            " ON ballot_open"
        };
        election.run(&format!("DROP TRIGGER fault{table}")).await;
        election.goes_on().await;
    }
}

#[tokio::test]
async fn a_transaction_in_which_a_statement_failed_is_not_committed_even_if_the_error_is_ignored() {
    for site in Site::on_each_database().await {
        let db = &site.state.db;
        let sql = "INSERT INTO setting (name, value) VALUES ($1, '')";
        let transaction = db.begin().await.unwrap();
        execute(&transaction, sql, ["first".into()]).await.unwrap();
        assert!(execute(&transaction, sql, ["first".into()]).await.is_err());
        // On SQLite this one would be stored.
        let _ = execute(&transaction, sql, ["second".into()]).await;
        assert!(transaction.commit().await.is_err());
        assert_eq!(
            site.count("SELECT COUNT(*) FROM setting WHERE value = ''")
                .await,
            0
        );
        let transaction = db.begin().await.unwrap();
        execute(&transaction, sql, ["first".into()]).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(
            site.count("SELECT COUNT(*) FROM setting WHERE value = ''")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn a_connection_that_comes_back_inside_a_transaction_is_not_used_again() {
    for site in Site::on_each_database().await {
        let mut election = Election::at(&site).await;
        let db = site.state.db.migrations();
        if site.state.db.backend() == DbBackend::Sqlite {
            // Once unknown to sqlx, and once only believed by sqlx.
            let mut connection = db.get_sqlite_connection_pool().acquire().await.unwrap();
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            drop(connection);
            election.goes_on().await;
            let mut connection = db.get_sqlite_connection_pool().acquire().await.unwrap();
            let mut transaction = connection.begin().await.unwrap();
            transaction.execute("ROLLBACK").await.unwrap();
            assert!(transaction.commit().await.is_err());
            drop(connection);
        } else {
            for _ in 0..16 {
                let mut connection = db.get_postgres_connection_pool().acquire().await.unwrap();
                connection.execute("BEGIN").await.unwrap();
            }
        }
        election.goes_on().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_are_dropped_anywhere_spoil_no_later_vote() {
    for site in Site::on_each_database().await {
        let mut election = Election::at(&site).await;
        for micros in (0..2_000).step_by(20) {
            let half_done = async {
                let transaction = site.state.db.begin().await.unwrap();
                execute(&transaction, "UPDATE setting SET value = value", [])
                    .await
                    .unwrap();
                transaction.commit().await.unwrap();
            };
            let _ = tokio::time::timeout(Duration::from_micros(micros), half_done).await;
        }
        election.goes_on().await;
    }
}
