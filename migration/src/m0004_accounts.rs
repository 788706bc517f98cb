//! Accounts: their events, roles, notices and sessions.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for part in [EVENTS, ACCOUNTS, SESSIONS] {
            db.execute_unprepared(&super::fit(part, manager.get_database_backend()))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for column in ["browser", "place", "password_at"] {
            db.execute_unprepared(&format!("ALTER TABLE session DROP COLUMN {column}"))
                .await?;
        }
        for column in ["role", "suspended_reason", "password_at", "notices_read"] {
            db.execute_unprepared(&format!("ALTER TABLE account DROP COLUMN {column}"))
                .await?;
        }
        db.execute_unprepared("DROP TABLE event").await.map(drop)
    }
}

// Events outlive the account and then name no one. `place` is a prefix of an IP address, `browser`
// one of a few words; `detail` is never a code, a whole number or a ballot.
const EVENTS: &str = "
CREATE TABLE event (
    id         SERIAL_ID,
    at         BIGINT NOT NULL,
    account_id BIGINT REFERENCES account (id) ON DELETE SET NULL,
    what       TEXT NOT NULL,
    place      TEXT NOT NULL,
    browser    TEXT NOT NULL,
    detail     TEXT NOT NULL
);
CREATE INDEX event_account_id ON event (account_id, id);
CREATE INDEX event_at ON event (at);";

// `notices_read` is the last event whose notice was dismissed.
const ACCOUNTS: &str = "
ALTER TABLE account ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
ALTER TABLE account ADD COLUMN suspended_reason TEXT;
ALTER TABLE account ADD COLUMN password_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN notices_read BIGINT NOT NULL DEFAULT 0;
UPDATE account SET password_at = created_at;";

// `password_at` is when the password was last typed in this session.
const SESSIONS: &str = "
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN password_at BIGINT NOT NULL DEFAULT 0;";
