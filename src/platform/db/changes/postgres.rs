//! Changes in PostgreSQL, which triggers note in a setting and notify of.

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr};

use crate::platform::db::changes::IdentityChange;
use crate::platform::db::sql::statement;

/// Reads what the running transaction has changed, which the triggers note in a setting.
pub(super) async fn changes_of(db: &impl ConnectionTrait) -> Result<Vec<IdentityChange>, DbErr> {
    let sql = "SELECT current_setting('pollstr.changes', TRUE) AS changes";
    let row = db.query_one_raw(statement(db, sql, [])).await?;
    let list: Option<String> = row
        .map(|row| row.try_get("", "changes"))
        .transpose()?
        .flatten();
    Ok(parse(&list.unwrap_or_default()))
}

/// Reads a list of changes, such as `a1 s0f`.
pub(crate) fn parse(list: &str) -> Vec<IdentityChange> {
    let changes = list.split_whitespace().map(|change| {
        let session = change
            .strip_prefix('s')
            .and_then(|key| HEXLOWER.decode(key.as_bytes()).ok());
        let account = change.strip_prefix('a').and_then(|id| id.parse().ok());
        session
            .map(IdentityChange::Session)
            .or(account.map(IdentityChange::Account))
            .unwrap_or(IdentityChange::Any)
    });
    changes.collect()
}
