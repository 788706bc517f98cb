//! Exports an account's polls for its data file.

use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, statement};
use crate::polls::model::poll::path;
use crate::web::time::machine;

#[derive(FromQueryResult)]
struct CorrectionRow {
    public_id: String,
    text: String,
    created_at: Seconds,
}

#[derive(FromQueryResult)]
struct Row {
    public_id: String,
    question: String,
    description: String,
    kind: String,
    draft: bool,
    listed: bool,
    opens_at: Seconds,
    closes_at: Option<Seconds>,
    created_at: Seconds,
    choice: String,
}

/// Returns the polls of an account, newest first, with their choices and corrections in order.
#[must_use]
pub fn polls_of(db: Db, account: i64) -> BoxFuture<'static, Result<Value, DbErr>> {
    read(db, account).boxed()
}

async fn read(db: Db, account: i64) -> Result<Value, DbErr> {
    let sql = "SELECT public_id, question, description, kind, draft, listed, opens_at, closes_at, created_at, choice.text AS choice
               FROM poll JOIN choice ON choice.poll_id = poll.id WHERE owner_id = $1 ORDER BY poll.id DESC, position";
    let rows = Row::find_by_statement(statement(db.read(), sql, [account.into()]))
        .all(db.read())
        .await?;
    let sql = "SELECT public_id, correction.text, correction.created_at
               FROM poll JOIN correction ON correction.poll_id = poll.id WHERE owner_id = $1 ORDER BY position";
    let corrections = CorrectionRow::find_by_statement(statement(db.read(), sql, [account.into()]))
        .all(db.read())
        .await?;
    let corrections_of = |poll: &str| -> Vec<Value> {
        let rows = corrections.iter().filter(|row| row.public_id == poll);
        rows.map(|row| json!({ "text": row.text, "made_at": machine(row.created_at) }))
            .collect()
    };
    let poll = |rows: &[Row]| {
        let Row {
            public_id,
            question,
            description,
            kind,
            draft,
            listed,
            opens_at,
            closes_at,
            created_at,
            ..
        } = rows.first()?;
        Some(json!({
            "path": path(public_id),
            "question": question,
            "description": description,
            "kind": kind,
            "choices": rows.iter().map(|row| row.choice.as_str()).collect::<Vec<_>>(),
            "corrections": corrections_of(public_id),
            "draft": draft,
            "listed": listed,
            "made_at": machine(*created_at),
            "opens_at": machine(*opens_at),
            "closes_at": closes_at.map(machine),
        }))
    };
    Ok(rows
        .chunk_by(|one, other| one.public_id == other.public_id)
        .filter_map(poll)
        .collect())
}
