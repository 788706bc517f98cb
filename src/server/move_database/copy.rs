//! Copies the rows of a table into another database, in the order of its key.

use std::collections::HashSet;

use futures::StreamExt;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, StreamTrait, Value};

use crate::platform::db::{Transaction, execute, rows, statement};
use crate::server::move_database::tables::Table;

/// Values of one statement; SQLite takes 32,766.
const VALUES: usize = 16_000;
/// Rows of one statement.
const ROWS: usize = 500;
/// The tables that PostgreSQL divides into an open and a sealed part, by a column of its own.
const DIVIDED: [&str; 3] = ["participation", "account_participation", "ballot"];

/// The ids of the polls that are sealed.
pub(super) type SealedPolls = HashSet<i64>;

/// Reads which polls are sealed.
pub(super) async fn sealed_polls(from: &Transaction) -> Result<SealedPolls, DbErr> {
    let sql = "SELECT id FROM poll WHERE sealing_state = 'sealed'";
    let polls = from.query_all_raw(statement(from, sql, [])).await?;
    polls.iter().map(|row| row.try_get("", "id")).collect()
}

/// Copies all rows of a table.
pub(super) async fn copy(
    table: &Table,
    from: &Transaction,
    to: &Transaction,
    sealed: &SealedPolls,
) -> Result<(), DbErr> {
    let into = Insert::new(table, to);
    let columns: Vec<_> = table.columns.iter().map(|column| &*column.name).collect();
    let sql = format!(
        "SELECT {} FROM {} ORDER BY {}",
        columns.join(", "),
        table.name,
        table.key.join(", ")
    );
    let poll = columns.iter().position(|column| *column == "poll_id");
    let at_once = ROWS.min(VALUES / into.width);
    let mut found = from.stream_raw(statement(from, &sql, [])).await?;
    let mut batch: Vec<Value> = Vec::new();
    while let Some(row) = found.next().await {
        let row = row?;
        for column in &table.columns {
            batch.push(column.read(&row)?);
        }
        if into.is_divided {
            let poll = poll.map(|column| row.try_get_by_index::<i64>(column));
            let is_sealed = poll.transpose()?.is_some_and(|poll| sealed.contains(&poll));
            batch.push(is_sealed.into());
        }
        if batch.len() >= at_once * into.width {
            into.run(to, std::mem::take(&mut batch)).await?;
        }
    }
    drop(found);
    if batch.is_empty() {
        return Ok(());
    }
    into.run(to, batch).await
}

/// Inserts rows into a table.
struct Insert {
    start: String,
    /// Values of a row.
    width: usize,
    is_divided: bool,
}

impl Insert {
    fn new(table: &Table, to: &Transaction) -> Self {
        let is_postgres = ConnectionTrait::get_database_backend(to) == DbBackend::Postgres;
        let is_divided = is_postgres && DIVIDED.contains(&table.name.as_str());
        let columns = table.columns.iter().map(|column| &*column.name);
        let columns: Vec<_> = columns.chain(is_divided.then_some("sealed")).collect();
        // PostgreSQL gives out ids itself otherwise.
        let overriding = if is_postgres && table.is_serial {
            "OVERRIDING SYSTEM VALUE"
        } else {
            ""
        };
        Self {
            start: format!(
                "INSERT INTO {} ({}) {overriding} VALUES",
                table.name,
                columns.join(", ")
            ),
            width: columns.len(),
            is_divided,
        }
    }

    async fn run(&self, to: &Transaction, values: Vec<Value>) -> Result<(), DbErr> {
        let sql = format!(
            "{} {}",
            self.start,
            rows(values.len() / self.width, self.width)
        );
        execute(to, &sql, values).await.map(drop)
    }
}

/// Sets the next id of a table, so that no id that a deleted row had is used again.
pub(super) async fn copy_last_id(
    table: &Table,
    from: &Transaction,
    to: &Transaction,
) -> Result<(), DbErr> {
    let last = last_id(&table.name, from).await?;
    if last == 0 {
        return Ok(());
    }
    let name = table.name.as_str();
    if ConnectionTrait::get_database_backend(to) == DbBackend::Postgres {
        let sql = "SELECT setval(pg_get_serial_sequence($1, 'id'), $2, TRUE)";
        let set = statement(to, sql, [name.into(), last.into()]);
        return to.query_one_raw(set).await.map(drop);
    }
    let sql = "DELETE FROM sqlite_sequence WHERE name = $1";
    execute(to, sql, [name.into()]).await?;
    let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
    execute(to, sql, [name.into(), last.into()]).await.map(drop)
}

/// Returns the last id that was given out; 0 if none was.
async fn last_id(table: &str, from: &Transaction) -> Result<i64, DbErr> {
    let sql = if ConnectionTrait::get_database_backend(from) == DbBackend::Postgres {
        // It has no value before the first id.
        "SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass), 0) AS last"
    } else {
        "SELECT seq AS last FROM sqlite_sequence WHERE name = $1"
    };
    let row = from
        .query_one_raw(statement(from, sql, [table.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "last"))
}
