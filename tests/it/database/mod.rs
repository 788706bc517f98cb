//! The database: its schema, and how it can fail.

pub(crate) mod away;
pub(crate) mod crashes;
pub(crate) mod faults;
pub(crate) mod moving;
pub(crate) mod one_reader;
pub(crate) mod read_only;
pub(crate) mod restoring;
pub(crate) mod schema;
pub(crate) mod upgrade;
