//! Polls made by users: ballot types, drafts, who may vote, what happens at the close, and a search
//! index.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for part in [POLLS, WORDS, INDEXES] {
            db.execute_unprepared(&super::fit(part, manager.get_database_backend()))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for index in ["ballot_receipt", "poll_list", "poll_owner", "poll_due"] {
            db.execute_unprepared(&format!("DROP INDEX {index}"))
                .await?;
        }
        db.execute_unprepared("DROP TABLE poll_word").await?;
        for column in "most draft changeable shuffled rankings countries zone hidden_reason sealed fingerprint".split(' ') {
            db.execute_unprepared(&format!("ALTER TABLE poll DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}

// `most`: most choices on a ballot of kind `multiple`. `draft`: visible to its owner only.
// `changeable`: voters may change their ballot. `rankings`: all rankings are published after the
// close. `countries`: calling codes that may vote, separated by spaces; empty for all. `zone`: the
// organiser's time zone. `hidden_reason`: why an admin took it down. `sealed`: closed, and its
// ballots rewritten in an order that reveals nothing. `fingerprint`: SHA-256 of its recount bundle.
const POLLS: &str = "
ALTER TABLE poll ADD COLUMN most BIGINT NOT NULL DEFAULT 1;
ALTER TABLE poll ADD COLUMN draft BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE poll ADD COLUMN changeable BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE poll ADD COLUMN shuffled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE poll ADD COLUMN rankings BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE poll ADD COLUMN countries TEXT NOT NULL DEFAULT '';
ALTER TABLE poll ADD COLUMN zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE poll ADD COLUMN hidden_reason TEXT;
ALTER TABLE poll ADD COLUMN sealed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE poll ADD COLUMN fingerprint TEXT;";

// Every prefix of every word of a question, so that a search is one index lookup.
const WORDS: &str = "
CREATE TABLE poll_word (
    beginning TEXT NOT NULL,
    poll_id   BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    PRIMARY KEY (beginning, poll_id)
) NO_ROW_NUMBER;
CREATE INDEX poll_word_poll_id ON poll_word (poll_id);";

const INDEXES: &str = "
CREATE UNIQUE INDEX ballot_receipt ON ballot (poll_id, receipt);
CREATE INDEX poll_list ON poll (listed, sealed, id);
CREATE INDEX poll_owner ON poll (owner_id, id);
CREATE INDEX poll_due ON poll (sealed, closes_at);";
