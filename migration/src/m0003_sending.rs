//! What limits and operators need to know about a message: country, channel and outcome.
//!
//! `outcome` is `confirmed` once the code was typed, `replaced` if another code replaced it in
//! time, and empty before; an empty one older than a code's lifetime has expired. `breaker` holds
//! countries whose codes are rarely typed, `allowance` IP addresses with raised limits.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for part in UP.split_inclusive(';') {
            db.execute_unprepared(&super::fit(part, manager.get_database_backend()))
                .await?;
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

const UP: &str = "
ALTER TABLE send ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE send ADD COLUMN voice BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE send ADD COLUMN outcome TEXT;
CREATE INDEX send_country ON send (country, at);
CREATE TABLE breaker (
    country  TEXT NOT NULL PRIMARY KEY,
    since    BIGINT NOT NULL,
    probe_at BIGINT NOT NULL
);
CREATE TABLE allowance (
    address TEXT NOT NULL PRIMARY KEY,
    most    BIGINT NOT NULL,
    until   BIGINT NOT NULL
);";

const DOWN: &str = "
DROP TABLE allowance;
DROP TABLE breaker;
DROP INDEX send_country;
ALTER TABLE send DROP COLUMN outcome;
ALTER TABLE send DROP COLUMN voice;
ALTER TABLE send DROP COLUMN country;";
