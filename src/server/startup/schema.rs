//! Compares a database's schema with this version's.

use migration::{Migrator, MigratorTrait};

/// How a database's migrations compare with this version's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Schema {
    /// No migration has run yet.
    Empty,
    /// A migration of this version hasn't run.
    Earlier,
    /// All have run, and no others.
    Current,
    /// A migration has run that this version doesn't know.
    Later,
}

impl Schema {
    /// Compares the migrations that were applied.
    pub(in crate::server) fn of(applied: &[String]) -> Self {
        let ours = steps();
        if applied.iter().any(|step| !ours.contains(step)) {
            Self::Later
        } else if applied.is_empty() {
            Self::Empty
        } else if applied.len() < ours.len() {
            Self::Earlier
        } else {
            Self::Current
        }
    }
}

/// Returns the names of this version's migrations, in order.
pub(in crate::server) fn steps() -> Vec<String> {
    Migrator::get_migration_files()
        .iter()
        .map(|step| step.name().to_owned())
        .collect()
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
