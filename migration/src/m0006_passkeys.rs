//! Passkeys (WebAuthn credentials).

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(&super::fit(PASSKEYS, manager.get_database_backend()))
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("DROP TABLE passkey")
            .await
            .map(drop)
    }
}

// `id` is the credential id from the authenticator. `public_key` is a SubjectPublicKeyInfo.
// `counter` is the last signature counter, zero for passkeys without one. `used_at` is rounded to
// five minutes.
const PASSKEYS: &str = "
CREATE TABLE passkey (
    id         BYTES NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    public_key BYTES NOT NULL,
    counter    BIGINT NOT NULL,
    name       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX passkey_account_id ON passkey (account_id);";
