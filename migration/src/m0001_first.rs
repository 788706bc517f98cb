//! Accounts, sessions, verifications and polls.
//!
//! Times are Unix times in seconds. Uniqueness is always a constraint.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for part in [SETTINGS, ACCOUNTS, VERIFICATION, POLLS, BALLOTS] {
            db.execute_unprepared(&super::fit(part, manager.get_database_backend()))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = "ballot participation tally choice poll failure send verification session account setting";
        for table in tables.split(' ') {
            manager
                .get_connection()
                .execute_unprepared(&format!("DROP TABLE {table}"))
                .await?;
        }
        Ok(())
    }
}

const SETTINGS: &str = "
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);";

// `username_key` is the name in the form that is compared. `number` is encrypted, `number_mac`
// finds it. A session is verified while its `number_mac` equals the account's.
const ACCOUNTS: &str = "
CREATE TABLE account (
    id            SERIAL_ID,
    username      TEXT NOT NULL,
    username_key  TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    number        BYTES,
    number_mac    BYTES UNIQUE,
    demo          BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE TABLE session (
    id         BYTES NOT NULL PRIMARY KEY,
    former_id  BYTES,
    account_id BIGINT REFERENCES account (id) ON DELETE CASCADE,
    number_mac BYTES,
    data       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);
CREATE INDEX session_former_id ON session (former_id);
CREATE INDEX session_account_id ON session (account_id);
CREATE INDEX session_seen_at ON session (seen_at);";

// An account has one active code at a time. `send` records every message for the limits, `failure`
// every wrong password and code.
const VERIFICATION: &str = "
CREATE TABLE verification (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    number     BYTES NOT NULL,
    number_mac BYTES NOT NULL,
    request_id TEXT,
    sent_at    BIGINT NOT NULL,
    tries      BIGINT NOT NULL
);
CREATE TABLE send (
    id         SERIAL_ID,
    at         BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    number_mac BYTES NOT NULL,
    address    TEXT NOT NULL,
    proved     BOOLEAN NOT NULL
);
CREATE INDEX send_at ON send (at);
CREATE INDEX send_account_id ON send (account_id, at);
CREATE INDEX send_number_mac ON send (number_mac, at);
CREATE INDEX send_address ON send (address, at);
CREATE TABLE failure (
    id   SERIAL_ID,
    rule TEXT NOT NULL,
    key  TEXT NOT NULL,
    at   BIGINT NOT NULL
);
CREATE INDEX failure_rule_key_at ON failure (rule, key, at);
CREATE INDEX failure_at ON failure (at);";

const POLLS: &str = "
CREATE TABLE poll (
    id          SERIAL_ID,
    public_id   TEXT NOT NULL UNIQUE,
    owner_id    BIGINT REFERENCES account (id) ON DELETE SET NULL,
    question    TEXT NOT NULL,
    description TEXT NOT NULL,
    kind        TEXT NOT NULL,
    results     TEXT NOT NULL,
    listed      BOOLEAN NOT NULL,
    opens_at    BIGINT NOT NULL,
    closes_at   BIGINT,
    created_at  BIGINT NOT NULL
);
CREATE TABLE choice (
    poll_id  BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (poll_id, position)
);";

// No column links a ballot to its voter: no row id, no time, no common key but the poll's.
// PostgreSQL's own `xmin` and `ctid` still do, until the rows are rewritten.
const BALLOTS: &str = "
CREATE TABLE participation (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    voter   BYTES NOT NULL,
    PRIMARY KEY (poll_id, voter)
) NO_ROW_NUMBER;
CREATE TABLE ballot (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    id      BYTES NOT NULL,
    choices TEXT NOT NULL,
    receipt BYTES NOT NULL,
    PRIMARY KEY (poll_id, id)
) NO_ROW_NUMBER;
CREATE TABLE tally (
    poll_id BIGINT NOT NULL REFERENCES poll (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    votes   BIGINT NOT NULL,
    PRIMARY KEY (poll_id, key)
) NO_ROW_NUMBER;";
