//! How far the sealing of a poll has come, in one column: `not_started`, `shut` (no vote is under way, and none comes) or `sealed`.
//!
//! Until here, `sealed` and a `fingerprint` that was NULL, empty or a hash said it together. `fingerprint` is now the hash alone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("SET LOCAL statement_timeout = 0")
            .await?;
    }
    for statement in sql.split_inclusive(';') {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

const UP: &str = "
ALTER TABLE poll ADD COLUMN sealing_state TEXT NOT NULL DEFAULT 'not_started';
UPDATE poll SET sealing_state = CASE WHEN sealed THEN 'sealed' ELSE 'shut' END WHERE sealed OR fingerprint IS NOT NULL;
UPDATE poll SET fingerprint = NULL WHERE fingerprint = '';
DROP INDEX poll_list;
DROP INDEX poll_due;
ALTER TABLE poll DROP COLUMN sealed;
CREATE INDEX poll_list ON poll (listed, sealing_state, id);
CREATE INDEX poll_due ON poll (sealing_state, closes_at);";

const DOWN: &str = "
ALTER TABLE poll ADD COLUMN sealed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE poll SET sealed = TRUE WHERE sealing_state = 'sealed';
UPDATE poll SET fingerprint = '' WHERE sealing_state = 'shut';
DROP INDEX poll_list;
DROP INDEX poll_due;
ALTER TABLE poll DROP COLUMN sealing_state;
CREATE INDEX poll_list ON poll (listed, sealed, id);
CREATE INDEX poll_due ON poll (sealed, closes_at);";
