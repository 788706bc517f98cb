//! On PostgreSQL, marks and ballots of sealed polls are in partitions of their own, so that dead
//! rows of open polls can be vacuumed without copying everything ever voted. SQLite overwrites
//! deleted rows and doesn't need this.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, APART).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, TOGETHER).await
    }
}

async fn on_postgres(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // However many rows there are.
    db.execute_unprepared("SET LOCAL statement_timeout = 0")
        .await?;
    db.execute_unprepared(sql).await.map(drop)
}

const APART: &str = "
CREATE TEMP TABLE marks AS TABLE participation;
DROP TABLE participation;
CREATE TABLE participation (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    voter   BYTEA NOT NULL,
    sealed  BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (poll_id, voter, sealed)
) PARTITION BY LIST (sealed);
CREATE TABLE participation_open PARTITION OF participation FOR VALUES IN (FALSE);
CREATE TABLE participation_sealed PARTITION OF participation (sealed DEFAULT TRUE) FOR VALUES IN (TRUE);
INSERT INTO participation (poll_id, voter, sealed)
    SELECT poll_id, voter, poll.sealed FROM marks JOIN poll ON poll.id = poll_id ORDER BY poll_id, voter;
DROP TABLE marks;

CREATE TEMP TABLE ballots AS TABLE ballot;
DROP TABLE ballot;
CREATE TABLE ballot (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    id      BYTEA NOT NULL,
    choices TEXT NOT NULL,
    receipt BYTEA NOT NULL,
    sealed  BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (poll_id, id, sealed)
) PARTITION BY LIST (sealed);
CREATE TABLE ballot_open PARTITION OF ballot FOR VALUES IN (FALSE);
CREATE TABLE ballot_sealed PARTITION OF ballot (sealed DEFAULT TRUE) FOR VALUES IN (TRUE);
CREATE UNIQUE INDEX ballot_receipt ON ballot (poll_id, receipt, sealed);
INSERT INTO ballot (poll_id, id, choices, receipt, sealed)
    SELECT poll_id, ballots.id, choices, receipt, poll.sealed FROM ballots JOIN poll ON poll.id = poll_id ORDER BY poll_id, ballots.id;
DROP TABLE ballots;";

const TOGETHER: &str = "
CREATE TEMP TABLE marks AS TABLE participation;
DROP TABLE participation;
CREATE TABLE participation (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    voter   BYTEA NOT NULL,
    PRIMARY KEY (poll_id, voter)
);
INSERT INTO participation (poll_id, voter) SELECT poll_id, voter FROM marks ORDER BY poll_id, voter;
DROP TABLE marks;

CREATE TEMP TABLE ballots AS TABLE ballot;
DROP TABLE ballot;
CREATE TABLE ballot (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    id      BYTEA NOT NULL,
    choices TEXT NOT NULL,
    receipt BYTEA NOT NULL,
    PRIMARY KEY (poll_id, id)
);
CREATE UNIQUE INDEX ballot_receipt ON ballot (poll_id, receipt);
INSERT INTO ballot (poll_id, id, choices, receipt) SELECT poll_id, id, choices, receipt FROM ballots ORDER BY poll_id, id;
DROP TABLE ballots;";
