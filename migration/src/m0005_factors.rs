//! Second steps of a log-in besides the text message: an app that makes codes, codes on paper, browsers that are remembered; and the
//! change of a number.

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

// `secret` is what the app and we make codes from, encrypted; none until a first code has shown that the app has it. `pending` waits
// for that code. `last_step` is the half minute whose code was used last: no code of it or of an earlier one is taken again.
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

// `token` is the hash of what the browser keeps. It opens nothing once `number_mac` is not the account's any more.
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

// What a code that is out is for: `session`, to prove the number in it, or `number`, to put another number in the place of the account's.
const PURPOSES: &str =
    "ALTER TABLE verification ADD COLUMN purpose TEXT NOT NULL DEFAULT 'session';";
