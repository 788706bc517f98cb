//! Who may vote: whether landlines can, and whether an account has one vote whatever its numbers.
//! Account marks are kept like number marks: no time, no order, and on PostgreSQL those of sealed
//! polls in a partition of their own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (db, backend) = (manager.get_connection(), manager.get_database_backend());
        let marks = if backend == DbBackend::Postgres {
            MARKS_APART
        } else {
            MARKS
        };
        for part in RULES.split_inclusive(';').chain(marks.split_inclusive(';')) {
            db.execute_unprepared(&super::fit(part, backend)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for part in DOWN.split_inclusive(';') {
            manager.get_connection().execute_unprepared(part).await?;
        }
        Ok(())
    }
}

const RULES: &str = "
ALTER TABLE poll ADD COLUMN mobile_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE poll ADD COLUMN per_account BOOLEAN NOT NULL DEFAULT FALSE;";

const MARKS: &str = "
CREATE TABLE account_mark (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    account BYTES NOT NULL,
    PRIMARY KEY (poll_id, account)
) NO_ROW_NUMBER;";

const MARKS_APART: &str = "
CREATE TABLE account_mark (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    account BYTES NOT NULL,
    sealed  BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (poll_id, account, sealed)
) PARTITION BY LIST (sealed);
CREATE TABLE account_mark_open PARTITION OF account_mark FOR VALUES IN (FALSE);
CREATE TABLE account_mark_sealed PARTITION OF account_mark (sealed DEFAULT TRUE) FOR VALUES IN (TRUE);";

const DOWN: &str = "
DROP TABLE account_mark;
ALTER TABLE poll DROP COLUMN per_account;
ALTER TABLE poll DROP COLUMN mobile_only;";
