//! Second factors besides text messages: authenticator apps, recovery codes and trusted browsers;
//! and changing a number.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for part in [APPS, RECOVERY, BROWSERS, PURPOSES] {
            db.execute_unprepared(&super::fit(part, manager.get_database_backend()))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in [
            "ALTER TABLE verification DROP COLUMN purpose",
            "ALTER TABLE session DROP COLUMN recovered_at",
            "DROP TABLE remembered_browser",
            "DROP TABLE recovery_code",
            "DROP TABLE authenticator",
        ] {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

// `secret` is the encrypted TOTP secret, NULL until the first code confirmed it; `pending` is the
// secret waiting for that. `last_step` is the time step of the last accepted code: neither it nor
// earlier ones are accepted again.
const APPS: &str = "
CREATE TABLE authenticator (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    secret     BYTES,
    since      BIGINT NOT NULL DEFAULT 0,
    last_step  BIGINT NOT NULL DEFAULT 0,
    pending    BYTES,
    pending_at BIGINT NOT NULL DEFAULT 0
);";

// `recovered_at` is when a recovery code was used in a session.
const RECOVERY: &str = "
CREATE TABLE recovery_code (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hash       BYTES NOT NULL,
    PRIMARY KEY (account_id, hash)
) NO_ROW_NUMBER;
ALTER TABLE session ADD COLUMN recovered_at BIGINT NOT NULL DEFAULT 0;";

// `token` is the hash of the browser's token. It is void once `number_mac` is no longer the
// account's.
const BROWSERS: &str = "
CREATE TABLE remembered_browser (
    token      BYTES NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    number_mac BYTES NOT NULL,
    browser    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX remembered_browser_account_id ON remembered_browser (account_id);
CREATE INDEX remembered_browser_created_at ON remembered_browser (created_at);";

// Purpose of an active code: `session` to verify the session's number, or `number` to replace the
// account's number.
const PURPOSES: &str =
    "ALTER TABLE verification ADD COLUMN purpose TEXT NOT NULL DEFAULT 'session';";
