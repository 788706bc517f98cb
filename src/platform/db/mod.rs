//! The database: one SQLite file, or a PostgreSQL server, behind one interface.
//!
//! Reads go through [`Db::read`], changes through [`Db::begin`] or [`Db::write`]. On SQLite there
//! is one writer and several readers, every transaction that may write takes the write lock at its
//! start, and a commit is on disk when it returns.
//!
//! Conditional, batched or tuned statements are written in SQL; rows that are read or written by
//! key use an entity. SQL belongs in the stores only.

pub mod changes;
mod connect;
pub mod follow;
mod handle;
pub mod location;
mod locks;
mod open_file;
pub mod pooler;
mod reader;
mod sql;
mod transaction;
mod write_health;
mod writer;

pub use crate::platform::db::connect::application_name;
pub use crate::platform::db::handle::Db;
pub use crate::platform::db::locks::{Lock, take_time};
pub use crate::platform::db::open_file::NotWritable;
pub use crate::platform::db::reader::{Reader, with_query_permit};
pub use crate::platform::db::sql::{either, execute, places, rows, statement};
pub use crate::platform::db::transaction::Transaction;
pub use crate::platform::db::writer::Writer;

pub(crate) use crate::platform::db::sql::failed;
