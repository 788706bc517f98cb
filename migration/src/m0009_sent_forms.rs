//! Recently submitted forms, so that a resubmission gets the first response; and TOTP codes that
//! were too early, which are not accepted later either.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(&super::fit(SENT, manager.get_database_backend()))
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "DROP TABLE sent_form; ALTER TABLE authenticator DROP COLUMN early_step";
        manager
            .get_connection()
            .execute_unprepared(sql)
            .await
            .map(drop)
    }
}

// `id` is an HMAC over the form's nonce. `former` is the key of the session it was sent in,
// `session` of the one it led to; empty or NULL without one. `proof` is an HMAC over the secret
// that was right, NULL while the form is being processed.
const SENT: &str = "
CREATE TABLE sent_form (
    id      BYTES NOT NULL PRIMARY KEY,
    former  BYTES NOT NULL,
    salt    BYTES NOT NULL,
    proof   BYTES,
    session BYTES,
    at      BIGINT NOT NULL,
    answers BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sent_form_at ON sent_form (at);
ALTER TABLE authenticator ADD COLUMN early_step BIGINT NOT NULL DEFAULT 0;";
