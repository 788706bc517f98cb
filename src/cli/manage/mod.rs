//! Commands with which an operator looks after accounts, polls and the database, without SQL.

pub(crate) mod allowances;
pub(crate) mod events;
pub(crate) mod move_database;
pub(crate) mod polls;
pub(crate) mod restore;
pub(crate) mod users;
