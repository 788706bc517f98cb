//! The forms in which usernames are compared; each form belongs to one account.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(FORMS)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("DROP TABLE name_form")
            .await
            .map(drop)
    }
}

// An account logs in by the form marked `spelled`; the others only look like it and keep newcomers
// off. SQL can't fold case or compare shapes, so the forms of existing accounts are written at the
// next start.
const FORMS: &str = "
CREATE TABLE name_form (
    form       TEXT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    spelled    BOOLEAN NOT NULL
);
CREATE INDEX name_form_account_id ON name_form (account_id);";
