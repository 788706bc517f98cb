//! Corrections that the owner of an open poll adds to its text: three at most.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(&super::fit(CORRECTIONS, manager.get_database_backend()))
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("DROP TABLE correction")
            .await
            .map(drop)
    }
}

// `form` is an HMAC over the form that added the correction, so that the same form adds one.
const CORRECTIONS: &str = "
CREATE TABLE correction (
    poll_id    BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    position   BIGINT NOT NULL CHECK (position BETWEEN 1 AND 3),
    text       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    form       BYTES NOT NULL,
    PRIMARY KEY (poll_id, position),
    UNIQUE (poll_id, form)
)";
