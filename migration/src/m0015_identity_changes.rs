//! Triggers that record which sessions and accounts change, so that every instance can forget what
//! it remembers of them: SQLite keeps the last thousand changes in a table, PostgreSQL notifies.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_UP,
            _ => SQLITE_UP,
        };
        run(manager, statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_DOWN,
            _ => SQLITE_DOWN,
        };
        run(manager, statements).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for statement in statements {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

// Only the order of changes is kept, no times.
const SQLITE_UP: &[&str] = &[
    "CREATE TABLE identity_change (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id BLOB,
        account_id BIGINT
    )",
    "CREATE TRIGGER identity_change_limit AFTER INSERT ON identity_change BEGIN
        DELETE FROM identity_change WHERE id <= NEW.id - 1000;
    END",
    "CREATE TRIGGER session_updated AFTER UPDATE ON session BEGIN
        INSERT INTO identity_change (session_id) VALUES (OLD.id);
    END",
    "CREATE TRIGGER session_deleted AFTER DELETE ON session BEGIN
        INSERT INTO identity_change (session_id) VALUES (OLD.id);
    END",
    "CREATE TRIGGER account_updated AFTER UPDATE ON account BEGIN
        INSERT INTO identity_change (account_id) VALUES (OLD.id);
    END",
    "CREATE TRIGGER account_deleted AFTER DELETE ON account BEGIN
        INSERT INTO identity_change (account_id) VALUES (OLD.id);
    END",
];

const SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER account_deleted",
    "DROP TRIGGER account_updated",
    "DROP TRIGGER session_deleted",
    "DROP TRIGGER session_updated",
    "DROP TABLE identity_change",
];

// `pollstr.changes` lists the changes of the running transaction, for the instance that runs it. A
// statement that changes more than fifty rows is reported as `*`: a notification has 8,000 bytes at
// most.
const POSTGRES_UP: &[&str] = &[
    "CREATE FUNCTION note_identity_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        changes TEXT;
    BEGIN
        IF TG_TABLE_NAME = 'session' THEN
            SELECT CASE WHEN count(*) > 50 THEN '*' ELSE string_agg('s' || encode(id, 'hex'), ' ') END INTO changes FROM before;
        ELSE
            SELECT CASE WHEN count(*) > 50 THEN '*' ELSE string_agg('a' || id, ' ') END INTO changes FROM before;
        END IF;
        IF changes IS NOT NULL THEN
            PERFORM pg_notify('pollstr_identities', changes);
            PERFORM set_config('pollstr.changes', concat_ws(' ', nullif(current_setting('pollstr.changes', TRUE), ''), changes), TRUE);
        END IF;
        RETURN NULL;
    END $$",
    "CREATE TRIGGER session_updated AFTER UPDATE ON session REFERENCING OLD TABLE AS before
        FOR EACH STATEMENT EXECUTE FUNCTION note_identity_changes()",
    "CREATE TRIGGER session_deleted AFTER DELETE ON session REFERENCING OLD TABLE AS before
        FOR EACH STATEMENT EXECUTE FUNCTION note_identity_changes()",
    "CREATE TRIGGER account_updated AFTER UPDATE ON account REFERENCING OLD TABLE AS before
        FOR EACH STATEMENT EXECUTE FUNCTION note_identity_changes()",
    "CREATE TRIGGER account_deleted AFTER DELETE ON account REFERENCING OLD TABLE AS before
        FOR EACH STATEMENT EXECUTE FUNCTION note_identity_changes()",
];

const POSTGRES_DOWN: &[&str] = &[
    "DROP TRIGGER account_deleted ON account",
    "DROP TRIGGER account_updated ON account",
    "DROP TRIGGER session_deleted ON session",
    "DROP TRIGGER session_updated ON session",
    "DROP FUNCTION note_identity_changes()",
];
