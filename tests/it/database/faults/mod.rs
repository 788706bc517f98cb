//! Each step of a transaction fails in turn: BEGIN, a statement, COMMIT, ROLLBACK, the response to
//! COMMIT. Acknowledged votes are stored, uncertain ones are answered "we can't tell", and the next
//! vote counts once the cause is gone.

mod disk;
mod postgresql;
mod transactions;

use pollstr::platform::db::Db;
use pollstr::polls::voting::vote::VoteError;
use sea_orm::ConnectionTrait;

use crate::support::app::{Site, until};
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
