//! Transactions that commit whole or report failure.
//!
//! sea-orm 2.0.4 on sqlx 0.9.0 guarantees less. On PostgreSQL, sqlx reports success when COMMIT
//! ends an aborted transaction, which the server answers with "ROLLBACK". SQLite rolls a
//! transaction back on its own after some errors (a full disk, an interrupt), and later statements
//! would commit one by one. So a transaction in which a statement failed, or was cancelled, is
//! never committed.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, StreamTrait, TransactionOptions, TransactionTrait,
};

use crate::platform::db::changes::{IdentityChanges, may_change_identities};
use crate::platform::db::write_health::{WriteHealth, writes};

/// A transaction. Dropping it rolls back.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    /// Statements that have started and not succeeded.
    unfinished: AtomicUsize,
    wrote: AtomicBool,
    health: Option<WriteHealth>,
    changes: Option<IdentityChanges>,
    /// Whether a statement may have changed sessions or accounts.
    identities: AtomicBool,
}

impl Transaction {
    /// Begins a transaction that reports its outcome to `health`, and changes of sessions and
    /// accounts to `changes`.
    ///
    /// sqlx 0.9.0 leaves a cancelled BEGIN open in the pooled connection, so BEGIN runs in a
    /// separate task, which finishes and rolls back if the caller is gone.
    pub(crate) async fn begin(
        connection: &DatabaseConnection,
        options: TransactionOptions,
        health: Option<WriteHealth>,
        changes: Option<IdentityChanges>,
    ) -> Result<Self, DbErr> {
        let connection = connection.clone();
        let begun = tokio::spawn(async move { connection.begin_with_options(options).await });
        let begun = begun
            .await
            .unwrap_or_else(|error| Err(DbErr::Custom(error.to_string())));
        if let (Some(health), Err(error)) = (&health, &begun) {
            health.failed(error);
        }
        Ok(Self {
            inner: begun?,
            unfinished: AtomicUsize::new(0),
            wrote: AtomicBool::new(false),
            health,
            changes,
            identities: AtomicBool::new(false),
        })
    }

    /// Commits. After `Ok` every statement is stored; after an error from COMMIT itself, they may
    /// be.
    ///
    /// # Errors
    /// When a statement failed or was cancelled, or when the database fails.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.unfinished.load(Ordering::Acquire) > 0 {
            self.inner.rollback().await?;
            return Err(DbErr::Custom(
                "a statement of this transaction failed, so none of it was stored".to_owned(),
            ));
        }
        let identities = self.identities.into_inner();
        let committed = match self.changes.filter(|_| identities) {
            Some(changes) => commit_and_report(self.inner, changes).await,
            None => self.inner.commit().await,
        };
        match (&self.health, &committed) {
            (Some(health), Ok(())) if self.wrote.into_inner() => health.succeeded(),
            (Some(health), Err(error)) => health.failed(error),
            _ => {}
        }
        committed
    }

    /// Rolls back. If that fails, nothing is stored either.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }

    fn note(&self, sql: &str) -> bool {
        let writes = writes(sql);
        if writes && self.changes.is_some() && may_change_identities(sql) {
            self.identities.store(true, Ordering::Release);
        }
        writes
    }

    async fn observed<T>(
        &self,
        writes: bool,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        let outcome = statement.await;
        match &outcome {
            Ok(_) => {
                self.unfinished.fetch_sub(1, Ordering::AcqRel);
                self.wrote.fetch_or(writes, Ordering::AcqRel);
            }
            Err(error) => self.health.iter().for_each(|health| health.failed(error)),
        }
        outcome
    }
}

/// Commits in a separate task: if the caller is gone, the changes are reported all the same.
async fn commit_and_report(
    transaction: DatabaseTransaction,
    changes: IdentityChanges,
) -> Result<(), DbErr> {
    let committing = tokio::spawn(async move {
        let pending = changes.pending(&transaction).await;
        let committed = transaction.commit().await;
        changes.settled(&pending, committed.is_ok());
        committed
    });
    let committed = committing.await;
    committed.unwrap_or_else(|error| Err(DbErr::Custom(error.to_string())))
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.inner)
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.observed(self.note(&statement.sql), self.inner.execute_raw(statement))
            .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.observed(self.note(sql), self.inner.execute_unprepared(sql))
            .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.observed(
            self.note(&statement.sql),
            self.inner.query_one_raw(statement),
        )
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.observed(
            self.note(&statement.sql),
            self.inner.query_all_raw(statement),
        )
        .await
    }
}

/// Streams only read; their errors reach the reader, who drops the transaction.
impl StreamTrait for Transaction {
    type Stream<'a> = <DatabaseTransaction as StreamTrait>::Stream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(&self.inner)
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        self.inner.stream_raw(statement)
    }
}
