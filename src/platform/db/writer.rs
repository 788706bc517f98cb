//! The connection for single-statement changes; their outcomes count towards write health.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use crate::platform::db::changes::{IdentityChanges, may_change_identities};
use crate::platform::db::transaction::Transaction;
use crate::platform::db::write_health::{WriteHealth, immediate, writes};

/// The connection for single-statement changes.
#[derive(Clone, Debug)]
pub struct Writer {
    pub(super) connection: DatabaseConnection,
    pub(super) health: WriteHealth,
    pub(super) changes: IdentityChanges,
}

impl Writer {
    pub(super) fn new(connection: DatabaseConnection, changes: IdentityChanges) -> Self {
        Self {
            health: WriteHealth::new(connection.clone()),
            connection,
            changes,
        }
    }

    pub(super) async fn begin(&self) -> Result<Transaction, DbErr> {
        Transaction::begin(
            &self.connection,
            immediate(self.get_database_backend()),
            Some(self.health.clone()),
            Some(self.changes.clone()),
        )
        .await
    }

    async fn observed<T>(
        &self,
        writes: bool,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let outcome = statement.await;
        match &outcome {
            Ok(_) if writes => self.health.succeeded(),
            Ok(_) => {}
            Err(error) => self.health.failed(error),
        }
        outcome
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Writer {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        if writes(&statement.sql) && may_change_identities(&statement.sql) {
            // What it changes is read and reported by a transaction.
            let transaction = self.begin().await?;
            let outcome = transaction.execute_raw(statement).await?;
            transaction.commit().await?;
            return Ok(outcome);
        }
        self.observed(
            writes(&statement.sql),
            self.connection.execute_raw(statement),
        )
        .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.observed(writes(sql), self.connection.execute_unprepared(sql))
            .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.observed(
            writes(&statement.sql),
            self.connection.query_one_raw(statement),
        )
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.observed(
            writes(&statement.sql),
            self.connection.query_all_raw(statement),
        )
        .await
    }
}
