//! Each step of a transaction fails in turn: BEGIN, a statement, COMMIT, ROLLBACK, the response to
//! COMMIT. Acknowledged votes are stored, uncertain ones are answered "we can't tell", and the next
//! vote counts once the cause is gone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use pollstr::platform::db::{Db, execute};
use pollstr::polls::voting::vote::VoteError;
use sea_orm::sqlx::{Connection, Executor};
use sea_orm::{ConnectionTrait, Database, DbBackend};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::app::{Site, folder, new_database, server_url, until};
use crate::support::voters::{Voter, asked, electorate};

/// A poll, its voters, and the responses they got.
struct Election<'a> {
    site: &'a Site,
    poll: String,
    voters: Vec<Voter>,
    acknowledged: i64,
}

impl<'a> Election<'a> {
    async fn at(site: &'a Site) -> Self {
        let (poll, voters) = (
            asked(&site.state, |_| {}).await,
            electorate(&site.state, 0, 40).await,
        );
        Self {
            site,
            poll,
            voters,
            acknowledged: 0,
        }
    }

    async fn vote(&mut self) -> Result<(), VoteError> {
        let voter = self.voters.pop().unwrap();
        let outcome = self
            .site
            .state
            .ballots
            .cast(voter.vote(&self.poll, &[1]))
            .await
            .map(drop);
        self.acknowledged += i64::from(outcome.is_ok());
        outcome
    }

    /// Asserts that another process reads exactly the acknowledged votes.
    async fn is_stored(&self) {
        self.holds(self.acknowledged).await;
    }

    async fn holds(&self, votes: i64) {
        let other = Db::connect(&self.site.state.config.database_url)
            .await
            .unwrap();
        for sql in [
            "SELECT COUNT(*) AS n FROM ballot",
            "SELECT COUNT(*) AS n FROM participation",
            "SELECT CAST(COALESCE(SUM(votes), 0) AS BIGINT) AS n FROM tally WHERE key = 'ballots'",
            "SELECT CAST(COALESCE(SUM(votes), 0) AS BIGINT) AS n FROM tally WHERE key = '1'",
        ] {
            let row = other
                .read()
                .query_one_raw(pollstr::platform::db::statement(other.read(), sql, []))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(row.try_get::<i64>("", "n").unwrap(), votes, "{sql}");
        }
        other.close().await;
    }

    /// Asserts that votes count again, without a restart.
    async fn goes_on(&mut self) {
        for _ in 0..3 {
            assert_eq!(self.vote().await, Ok(()));
        }
        self.is_stored().await;
        let ready = || async { self.site.visitor().get("/readyz").await.status == 200 };
        until(ready).await;
    }

    async fn run(&self, sql: &str) {
        self.site
            .state
            .db
            .migrations()
            .execute_unprepared(sql)
            .await
            .unwrap();
    }

    async fn is_not_ready(&self) {
        self.site
            .visitor()
            .get("/readyz")
            .await
            .says(503, "the last write failed");
    }
}

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
async fn a_file_that_may_not_grow_spoils_no_later_vote() {
    let site = Site::new().await;
    let mut election = Election::at(&site).await;
    election.run("CREATE TABLE filler (x BLOB)").await;
    election.run("CREATE TRIGGER fault BEFORE INSERT ON ballot BEGIN INSERT INTO filler VALUES (zeroblob(100000)); END").await;
    // Not below the current size.
    site.state
        .db
        .write()
        .execute_unprepared("PRAGMA max_page_count = 1")
        .await
        .unwrap();
    assert_eq!(election.vote().await, Err(VoteError::Failed));
    election.is_not_ready().await;
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

/// An 8 MiB file system, if this user may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = folder();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(&folder)
            .output();
        mounted
            .is_ok_and(|mounted| mounted.status.success())
            .then_some(Self(folder))
    }

    fn fill(&self) {
        let filler = self.0.join("filler");
        let mut file = std::fs::File::create(filler).unwrap();
        while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_loses_no_vote_that_was_acknowledged() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let site = Site::on(
        &format!("sqlite://{}/pollstr.db", disk.0.display()),
        folder(),
    )
    .await;
    let mut election = Election::at(&site).await;
    assert_eq!(election.vote().await, Ok(()));
    disk.fill();
    site.visitor().get("/readyz").await.says(503, "full");
    site.visitor().get("/readyz?read").await.says(200, "ready");
    // The write-ahead log has room for a few votes, then the disk is full.
    let mut refused = 0;
    while refused < 3 {
        refused += usize::from(election.vote().await.is_err());
        election.is_stored().await;
    }
    assert_eq!(site.visitor().get("/readyz").await.status, 503);
    disk.empty();
    election.goes_on().await;
}

#[tokio::test]
async fn a_database_file_that_was_moved_away_is_told_and_no_other_is_made() {
    let site = Site::new().await;
    let file = Path::new(
        site.state
            .config
            .database_url
            .trim_start_matches("sqlite://"),
    );
    let away = file.with_extension("away");
    std::fs::rename(file, &away).unwrap();
    site.visitor().get("/readyz").await.says(503, "moved");
    let mut connection = site
        .state
        .db
        .migrations()
        .get_sqlite_connection_pool()
        .acquire()
        .await
        .unwrap();
    connection.close_on_drop();
    drop(connection);
    assert!(site.state.db.begin().await.is_err());
    assert!(!file.exists());
    std::fs::rename(&away, file).unwrap();
    until(async || site.visitor().get("/readyz").await.status == 200).await;
}

#[tokio::test]
async fn a_backend_that_dies_in_a_vote_takes_no_other_vote_with_it() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let mut election = Election::at(&site).await;
        let dies = "CREATE FUNCTION fault() RETURNS trigger AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$
                    LANGUAGE plpgsql";
        election.run(dies).await;
        election.run("CREATE TRIGGER fault BEFORE INSERT ON ballot_open FOR EACH ROW EXECUTE FUNCTION fault()").await;
        assert_eq!(election.vote().await, Err(VoteError::Failed));
        election.run("DROP TRIGGER fault ON ballot_open").await;
        let at_commit = "CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON ballot_open DEFERRABLE INITIALLY DEFERRED
                         FOR EACH ROW EXECUTE FUNCTION fault()";
        election.run(at_commit).await;
        assert_eq!(election.vote().await, Err(VoteError::OutcomeUnknown));
        election.is_stored().await;
        election.run("DROP TRIGGER fault ON ballot_open").await;
        election.goes_on().await;
    }
}

#[tokio::test]
async fn a_read_only_database_refuses_votes_and_shows_pages() {
    for site in Site::on_each_database().await.into_iter().skip(1) {
        let mut election = Election::at(&site).await;
        let name = site
            .state
            .config
            .database_url
            .rsplit_once('/')
            .unwrap()
            .1
            .to_owned();
        let reconnect = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        let server = Database::connect(server_url().unwrap()).await.unwrap();
        let set = async |read_only: &str| {
            server
                .execute_unprepared(&format!(
                    "ALTER DATABASE {name} SET default_transaction_read_only = {read_only}"
                ))
                .await
                .unwrap();
            server.execute_unprepared(&reconnect).await.unwrap();
        };
        set("on").await;
        site.visitor().get("/readyz").await.says(503, "read-only");
        site.visitor().get("/readyz?read").await.says(200, "ready");
        site.visitor().get("/").await.says(200, "Polls");
        assert_eq!(election.vote().await, Err(VoteError::Failed));
        set("off").await;
        election.goes_on().await;
    }
}

/// A TCP proxy to PostgreSQL that drops the first response to a COMMIT after `armed`, and the
/// connection.
async fn proxy_dropping_commit(
    server: String,
    armed: tokio::sync::watch::Receiver<bool>,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            let (server, armed) = (server.clone(), armed.clone());
            tokio::spawn(async move {
                let there = TcpStream::connect(server).await.unwrap();
                let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                    (here.into_split(), there.into_split());
                let back =
                    tokio::spawn(
                        async move { tokio::io::copy(&mut from_server, &mut to_client).await },
                    );
                let mut bytes = [0; 8192];
                while let Ok(read @ 1..) = from_client.read(&mut bytes).await {
                    let commits =
                        *armed.borrow() && bytes[..read].windows(6).any(|word| word == b"COMMIT");
                    if commits {
                        back.abort();
                    }
                    if to_server.write_all(&bytes[..read]).await.is_err() {
                        break;
                    }
                    if commits {
                        // The server commits, and its response is dropped.
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        return;
                    }
                }
                back.abort();
            });
        }
    });
    way
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_answered_with_we_cannot_tell() {
    let Some(server) = server_url() else { return };
    let database = new_database(&server).await;
    let (user, rest) = database.split_once('@').unwrap();
    let (host, name) = rest.split_once('/').unwrap();
    let (arm, armed) = tokio::sync::watch::channel(false);
    let way = proxy_dropping_commit(host.to_owned(), armed).await;
    let site = Site::on(&format!("{user}@{way}/{name}"), folder()).await;
    let mut election = Election::at(&site).await;
    assert_eq!(election.vote().await, Ok(()));
    arm.send_replace(true);
    assert_eq!(election.vote().await, Err(VoteError::OutcomeUnknown));
    arm.send_replace(false);
    election.holds(2).await;
    election.acknowledged = 2;
    election.goes_on().await;
}
