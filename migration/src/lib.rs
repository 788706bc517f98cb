//! The schema's history.
//!
//! Each migration stands on its own: plain SQL, no entities of the application, and never changed
//! once released.

use sea_orm_migration::prelude::MigrationTrait;
use sea_orm_migration::sea_orm::DbBackend;

pub use sea_orm_migration::prelude::MigratorTrait;

mod m0001_first;
mod m0002_polls;
mod m0003_sending;
mod m0004_accounts;
mod m0005_factors;
mod m0006_passkeys;
mod m0007_given_passwords;
mod m0008_sealed_apart;
mod m0009_sent_forms;
mod m0010_who_may_vote;
mod m0011_name_forms;
mod m0012_pauses;
mod m0013_sealing_state;
mod m0014_plain_names;
mod m0015_identity_changes;
mod m0016_search_terms;
mod m0017_draw_seeds;
mod m0018_turnout;
mod m0019_closing_order;
mod m0020_corrections;

/// Runs the migrations in order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first::Migration),
            Box::new(m0002_polls::Migration),
            Box::new(m0003_sending::Migration),
            Box::new(m0004_accounts::Migration),
            Box::new(m0005_factors::Migration),
            Box::new(m0006_passkeys::Migration),
            Box::new(m0007_given_passwords::Migration),
            Box::new(m0008_sealed_apart::Migration),
            Box::new(m0009_sent_forms::Migration),
            Box::new(m0010_who_may_vote::Migration),
            Box::new(m0011_name_forms::Migration),
            Box::new(m0012_pauses::Migration),
            Box::new(m0013_sealing_state::Migration),
            Box::new(m0014_plain_names::Migration),
            Box::new(m0015_identity_changes::Migration),
            Box::new(m0016_search_terms::Migration),
            Box::new(m0017_draw_seeds::Migration),
            Box::new(m0018_turnout::Migration),
            Box::new(m0019_closing_order::Migration),
            Box::new(m0020_corrections::Migration),
        ]
    }
}

/// Adapts SQL to a database: `SERIAL_ID` is a row id that is never reused, `BYTES` a byte string,
/// and `NO_ROW_NUMBER` marks a table whose rows must not reveal their order.
fn fit(sql: &str, backend: DbBackend) -> String {
    let words = match backend {
        DbBackend::Postgres => [
            (
                "SERIAL_ID",
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            ),
            ("BYTES", "BYTEA"),
            // PostgreSQL has no such tables: the rows reveal their order until they are rewritten.
            ("NO_ROW_NUMBER", ""),
        ],
        _ => [
            ("SERIAL_ID", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            ("BYTES", "BLOB"),
            ("NO_ROW_NUMBER", "WITHOUT ROWID"),
        ],
    };
    words.iter().fold(sql.to_owned(), |sql, (ours, theirs)| {
        sql.replace(ours, theirs)
    })
}
