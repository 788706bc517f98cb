//! What limits and the operator need to know of a message: its country, how it went, and what became of it.
//!
//! `outcome` is `confirmed` once the code was typed, `replaced` when another took its place in time, and empty before; an empty one
//! that is older than a code lives has expired. `breaker` holds the countries whose codes come to nothing, `allowance` the addresses
//! that may ask for more for some hours.

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
