//! Read connections, and the rule that one request runs one query at a time.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task_local;

task_local! {
    /// The query permit of the request that this task serves.
    static TURN: Arc<Semaphore>;
}

/// Runs a request with at most one query in flight, so that a page with many sections takes one
/// connection.
pub async fn with_query_permit<F: Future>(answer: F) -> F::Output {
    TURN.scope(Arc::new(Semaphore::new(1)), answer).await
}

async fn turn() -> Option<OwnedSemaphorePermit> {
    TURN.try_with(Arc::clone).ok()?.acquire_owned().await.ok()
}

/// Read connections.
#[derive(Clone, Debug)]
pub struct Reader(pub(crate) DatabaseConnection);

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let _turn = turn().await;
        self.0.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _turn = turn().await;
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let _turn = turn().await;
        self.0.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let _turn = turn().await;
        self.0.query_all_raw(statement).await
    }
}
