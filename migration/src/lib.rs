//! The history of the database, step by step.
//!
//! Each migration stands alone: it is plain SQL, imports no entity of the application, and is never changed once released.

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

/// Runs the migrations in their order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        // In the order in which they were made.
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
        ]
    }
}

/// Fits SQL to the database at hand. Our SQL says `SERIAL_ID` for a row number that is never used twice, `BYTES` for a string of
/// bytes, and `NO_ROW_NUMBER` behind a table whose rows must not tell in which order they came.
fn fit(sql: &str, backend: DbBackend) -> String {
    let words = match backend {
        DbBackend::Postgres => [
            (
                "SERIAL_ID",
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            ),
            ("BYTES", "BYTEA"),
            // PostgreSQL has no such tables: there, the order of the rows still tells something until they are rewritten.
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
