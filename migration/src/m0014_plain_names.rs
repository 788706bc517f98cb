//! Plain names for tables and columns. Rows stay where they are: nothing is copied or rebuilt.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, old, new) in COLUMNS {
            rename_column(manager, table, old, new).await?;
        }
        for (old, new) in TABLES.iter().chain(parts(manager)) {
            rename_table(manager, old, new).await?;
        }
        for (old, new, on) in INDEXES {
            rename_index(manager, old, new, on).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (old, new) in TABLES.iter().chain(parts(manager)) {
            rename_table(manager, new, old).await?;
        }
        for (table, old, new) in COLUMNS {
            rename_column(manager, table, new, old).await?;
        }
        for (old, new, on) in INDEXES {
            let on = TABLES.iter().fold((*on).to_owned(), |on, (old, new)| {
                on.replace(&format!("{new} ("), &format!("{old} ("))
            });
            let on = on.replace("previous_id", "former_id");
            rename_index(manager, new, old, &on).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The table before this migration, the column, and its new name.
const COLUMNS: &[(&str, &str, &str)] = &[
    // The number had been verified by the account before.
    ("send", "proved", "verified"),
    // The key that the session had before its last step up.
    ("session", "former_id", "previous_id"),
    ("session", "place", "ip_prefix"),
    ("event", "place", "ip_prefix"),
    ("event", "what", "kind"),
    // The operator made the password.
    ("account", "password_given", "must_change_password"),
    ("poll", "most", "max_choices"),
    ("poll", "zone", "time_zone"),
    ("poll_word", "beginning", "prefix"),
    ("allowance", "most", "per_hour"),
    ("allowance", "until", "expires_at"),
    // The form of the name itself, and not of a name that only looks like it.
    ("name_form", "spelled", "is_username"),
];

const TABLES: &[(&str, &str)] = &[
    ("event", "audit_event"),
    ("remembered_browser", "trusted_browser"),
    ("pause", "circuit_breaker"),
    ("allowance", "limit_override"),
    ("account_mark", "account_participation"),
    ("name_form", "username_form"),
    ("guessed", "password_failure"),
    ("waiting", "number_waitlist"),
    ("sent_form", "form_submission"),
];

/// The partitions that PostgreSQL has.
const PARTS: &[(&str, &str)] = &[
    ("account_mark_open", "account_participation_open"),
    ("account_mark_sealed", "account_participation_sealed"),
];

/// The index before this migration, its new name, and what it is on.
const INDEXES: &[(&str, &str, &str)] = &[
    (
        "session_former_id",
        "session_previous_id",
        "session (previous_id)",
    ),
    (
        "event_account_id",
        "audit_event_account_id",
        "audit_event (account_id, id)",
    ),
    ("event_at", "audit_event_at", "audit_event (at)"),
    (
        "remembered_browser_account_id",
        "trusted_browser_account_id",
        "trusted_browser (account_id)",
    ),
    (
        "remembered_browser_created_at",
        "trusted_browser_created_at",
        "trusted_browser (created_at)",
    ),
    (
        "name_form_account_id",
        "username_form_account_id",
        "username_form (account_id)",
    ),
    (
        "waiting_number_mac",
        "number_waitlist_number_mac",
        "number_waitlist (number_mac, account_id)",
    ),
    (
        "waiting_account_id",
        "number_waitlist_account_id",
        "number_waitlist (account_id)",
    ),
    ("sent_form_at", "form_submission_at", "form_submission (at)"),
];

/// The unique one among them, before and after.
const UNIQUE: [&str; 2] = ["waiting_number_mac", "number_waitlist_number_mac"];

fn parts(manager: &SchemaManager<'_>) -> &'static [(&'static str, &'static str)] {
    match manager.get_database_backend() {
        DbBackend::Postgres => PARTS,
        _ => &[],
    }
}

async fn rename_column(
    manager: &SchemaManager<'_>,
    table: &str,
    from: &str,
    to: &str,
) -> Result<(), DbErr> {
    let sql = format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}");
    run(manager, &sql).await
}

async fn rename_table(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    run(manager, &format!("ALTER TABLE {from} RENAME TO {to}")).await
}

/// SQLite cannot rename an index, and makes it again.
async fn rename_index(
    manager: &SchemaManager<'_>,
    from: &str,
    to: &str,
    on: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        return run(manager, &format!("ALTER INDEX {from} RENAME TO {to}")).await;
    }
    run(manager, &format!("DROP INDEX {from}")).await?;
    let unique = if UNIQUE.contains(&to) { "UNIQUE" } else { "" };
    run(manager, &format!("CREATE {unique} INDEX {to} ON {on}")).await
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager
        .get_connection()
        .execute_unprepared(sql)
        .await
        .map(drop)
}
