//! The tables to move, as SQLite describes them.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::platform::db::statement;

/// A table to move.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The columns of its primary key, in which order rows are copied: the order in which they were
    /// inserted could tell who voted how.
    pub(super) key: Vec<String>,
    /// Whether it has an `id` that is never reused.
    pub(super) is_serial: bool,
    /// The tables that it refers to.
    parents: Vec<String>,
}

/// A column, which both databases have.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Integer,
    Text,
    Bytes,
    Boolean,
}

impl Column {
    fn of(name: String, declared: &str) -> Result<Self, DbErr> {
        let kind = match declared {
            "BIGINT" | "INTEGER" => Kind::Integer,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Bytes,
            "BOOLEAN" => Kind::Boolean,
            other => {
                let unknown = format!("the column {name} has the unknown type {other}");
                return Err(DbErr::Type(unknown));
            }
        };
        Ok(Self { name, kind })
    }

    /// Reads the column of a row of either database.
    pub(super) fn read(&self, row: &QueryResult) -> Result<Value, DbErr> {
        let name = self.name.as_str();
        Ok(match self.kind {
            Kind::Integer => row.try_get::<Option<i64>>("", name)?.into(),
            Kind::Text => row.try_get::<Option<String>>("", name)?.into(),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>>("", name)?.into(),
            Kind::Boolean => row.try_get::<Option<bool>>("", name)?.into(),
        })
    }
}

/// Returns the tables of a migrated SQLite database, each after those that it refers to. What a
/// database keeps for itself isn't among them: the migrations, and the changes for caches.
pub(super) async fn tables(sqlite: &impl ConnectionTrait) -> Result<Vec<Table>, DbErr> {
    let sql = "SELECT name, sql LIKE '%AUTOINCREMENT%' AS is_serial FROM sqlite_master
               WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('seaql_migrations', 'identity_change') ORDER BY name";
    let mut tables = Vec::new();
    for row in sqlite.query_all_raw(statement(sqlite, sql, [])).await? {
        tables.push(
            table(
                sqlite,
                row.try_get("", "name")?,
                row.try_get("", "is_serial")?,
            )
            .await?,
        );
    }
    Ok(in_order(tables))
}

async fn table(
    sqlite: &impl ConnectionTrait,
    name: String,
    is_serial: bool,
) -> Result<Table, DbErr> {
    let sql = "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid";
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    let rows = sqlite.query_all_raw(statement(sqlite, sql, [name.as_str().into()]));
    for row in rows.await? {
        let column: String = row.try_get("", "name")?;
        let place: i64 = row.try_get("", "pk")?;
        if place > 0 {
            key.push((place, column.clone()));
        }
        columns.push(Column::of(column, &row.try_get::<String>("", "type")?)?);
    }
    key.sort_unstable();
    let sql = "SELECT DISTINCT \"table\" AS parent FROM pragma_foreign_key_list($1)";
    let rows = sqlite.query_all_raw(statement(sqlite, sql, [name.as_str().into()]));
    let parents = rows.await?;
    let parents = parents.iter().map(|row| row.try_get("", "parent"));
    Ok(Table {
        columns,
        key: key.into_iter().map(|(_, column)| column).collect(),
        is_serial,
        parents: parents.collect::<Result<_, _>>()?,
        name,
    })
}

fn in_order(mut tables: Vec<Table>) -> Vec<Table> {
    let mut sorted: Vec<Table> = Vec::new();
    let ready = |table: &Table, sorted: &[Table]| {
        let mut parents = table.parents.iter();
        parents.all(|parent| sorted.iter().any(|other| other.name == *parent))
    };
    while let Some(at) = tables.iter().position(|table| ready(table, &sorted)) {
        sorted.push(tables.remove(at));
    }
    // Tables that refer to each other would be refused by the destination.
    sorted.extend(tables);
    sorted
}
