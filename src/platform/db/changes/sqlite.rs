//! Changes in SQLite, which triggers write to a table.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::platform::db::changes::{IdentityChange, Pending};
use crate::platform::db::sql::statement;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    session_id: Option<Vec<u8>>,
    account_id: Option<i64>,
}

/// Reads the changes after `last`.
pub(super) async fn changes_since(db: &impl ConnectionTrait, last: i64) -> Result<Pending, DbErr> {
    let sql = "SELECT id, session_id, account_id FROM identity_change WHERE id > $1 ORDER BY id";
    let rows = Row::find_by_statement(statement(db, sql, [last.into()]))
        .all(db)
        .await?;
    // Only the last thousand are kept.
    let gap = rows.first().is_some_and(|row| row.id != last + 1);
    let last = rows.last().map_or(last, |row| row.id);
    let changes = rows.into_iter().filter_map(|row| {
        row.session_id
            .map(IdentityChange::Session)
            .or(row.account_id.map(IdentityChange::Account))
    });
    let changes = if gap {
        vec![IdentityChange::Any]
    } else {
        changes.collect()
    };
    Ok(Pending { changes, last })
}
