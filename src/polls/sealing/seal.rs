//! Sealing: makes the ballots of a closed poll unlinkable to its voters.
//!
//! While a poll is open, a row's place in the file, its transaction id and the log can tell which
//! participation mark and which ballot were inserted together. Sealing rewrites marks and ballots,
//! each in the order of their random keys, then removes what the old rows left behind, and stores
//! the fingerprint of the recount bundle. It can be interrupted anywhere and restarted: a poll
//! counts as sealed only when all steps are done.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use tokio::sync::Mutex;

use crate::platform::clock::{Clock, Seconds};
use crate::platform::db::{Db, Lock, execute, rows, statement};
use crate::polls::sealing::bundle;
use crate::polls::sealing::vacuum::sweep;
use crate::polls::store::polls;
use crate::polls::store::polls::StoredPoll;

/// Rows rewritten in one transaction. Votes in other polls wait no longer than for these.
const BATCH: usize = 5_000;
/// Rows per statement.
const AT_ONCE: usize = 500;
/// Polls per batch; what their old rows left behind is removed once per batch.
const POLLS: usize = 50;
/// How long a poll is skipped after sealing it failed, in seconds.
const BACKOFF: Seconds = 30;
/// Serialises sealing in this process, and holds the polls to skip and until when.
static HERE: Mutex<BTreeMap<String, Seconds>> = Mutex::const_new(BTreeMap::new());

/// A table to rewrite. Its first column is its key within the poll.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    read: fn(&QueryResult) -> Result<Vec<Value>, DbErr>,
}

const MARKS: Table = Table {
    name: "participation",
    columns: &["voter"],
    read: |row| Ok(vec![row.try_get::<Vec<u8>>("", "voter")?.into()]),
};

const ACCOUNTS: Table = Table {
    name: "account_participation",
    columns: &["account"],
    read: |row| Ok(vec![row.try_get::<Vec<u8>>("", "account")?.into()]),
};

const BALLOTS: Table = Table {
    name: "ballot",
    columns: &["id", "choices", "receipt"],
    read: |row| {
        let bytes = |column| row.try_get::<Vec<u8>>("", column);
        Ok(vec![
            bytes("id")?.into(),
            row.try_get::<String>("", "choices")?.into(),
            bytes("receipt")?.into(),
        ])
    },
};

/// Seals the polls that have closed, and returns how many were sealed. A poll that fails doesn't
/// stop the others, and is skipped for a while. Does nothing while another instance is sealing.
pub async fn seal_due(db: &Db, clock: &Clock) -> Result<usize, DbErr> {
    let mut skipped_until = HERE.lock().await;
    // On PostgreSQL the lock lasts as long as this transaction, which is otherwise idle. SQLite
    // needs no lock: its single writer must stay free for sealing itself.
    let lock = match db.backend() {
        DbBackend::Sqlite => None,
        _ => Some(db.begin().await?),
    };
    if let Some(transaction) = &lock
        && !Lock::Sealing.try_now(transaction).await?
    {
        return Ok(0);
    }
    let now = clock.now();
    // Entries set while the clock was ahead would last longer; those are dropped too.
    skipped_until.retain(|_, until| (1..=BACKOFF).contains(&(*until - now)));
    let due = db.read().query_all_raw(due(db.read(), clock.now())).await?;
    let mut due: Vec<String> = due
        .iter()
        .map(|row| row.try_get("", "public_id"))
        .collect::<Result<_, _>>()?;
    due.retain(|id| !skipped_until.contains_key(id));
    let mut skip = |id: &str, error: &DbErr| {
        tracing::error!(poll = id, %error, "not sealed");
        skipped_until.insert(id.to_owned(), clock.now() + BACKOFF);
    };
    // Sealing takes time, but viewers are waiting for the final count, so all ballot boxes are shut
    // first.
    let mut closed = Vec::new();
    for id in due {
        match shut(db, &id, clock.now()).await {
            Ok(true) => closed.push(id),
            Ok(false) => {}
            Err(error) => skip(&id, &error),
        }
    }
    let mut sealed = 0;
    for some in closed.chunks(POLLS) {
        let mut rewritten = Vec::new();
        for id in some {
            match rewrite_poll(db, id, clock.now()).await {
                Ok(stored) => rewritten.extend(stored),
                Err(error) => skip(id, &error),
            }
        }
        if !rewritten.is_empty() {
            sweep(db).await?;
        }
        for stored in rewritten {
            match finish(db, &stored).await {
                Ok(()) => sealed += 1,
                Err(error) => skip(&stored.poll.id, &error),
            }
        }
    }
    if let Some(transaction) = lock {
        transaction.commit().await?;
    }
    Ok(sealed)
}

/// Returns how many polls have closed and are not sealed.
pub async fn being_sealed(db: &impl ConnectionTrait, now: Seconds) -> Result<i64, DbErr> {
    let sql = format!("SELECT COUNT(*) AS polls FROM poll WHERE {DUE}");
    let row = db.query_one_raw(statement(db, &sql, [now.into()])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "polls"))
}

/// Condition for polls that have closed and are not sealed, written so that SQLite uses an index.
const DUE: &str = "sealing_state IN ('not_started', 'shut') AND closes_at <= $1 AND NOT draft";

/// Query for the polls that have closed and are not sealed.
pub(crate) fn due(db: &impl ConnectionTrait, now: Seconds) -> Statement {
    let sql = format!("SELECT public_id FROM poll WHERE {DUE} ORDER BY closes_at");
    statement(db, &sql, [now.into()])
}

/// Shuts the ballot box of a poll that has closed. Votes in progress hold the row lock, so this
/// waits for them; later votes find the box shut, whatever their clock says.
async fn shut(db: &Db, id: &str, now: Seconds) -> Result<bool, DbErr> {
    let sql = "UPDATE poll SET sealing_state = 'shut' WHERE public_id = $1 AND sealing_state <> 'sealed' AND NOT draft AND closes_at <= $2";
    Ok(execute(db.write(), sql, [id.into(), now.into()]).await? == 1)
}

/// Rewrites everything in a poll that could link voters to ballots; `None` if it was deleted. The
/// poll is read only after its box was shut, since its closing time can't change any more.
async fn rewrite_poll(db: &Db, id: &str, now: Seconds) -> Result<Option<StoredPoll>, DbErr> {
    let Some(stored) = polls::find(db.read(), id, now).await? else {
        return Ok(None);
    };
    rewrite_rows(db, stored.row, &MARKS).await?;
    rewrite_rows(db, stored.row, &ACCOUNTS).await?;
    rewrite_rows(db, stored.row, &BALLOTS).await?;
    rewrite_tally(db, stored.row).await?;
    Ok(Some(stored))
}

/// Rewrites the rows of a poll in the order of their keys.
async fn rewrite_rows(db: &Db, poll: i64, table: &Table) -> Result<(), DbErr> {
    let (name, key, columns) = (table.name, table.columns[0], table.columns.join(", "));
    let select = format!(
        "SELECT {columns} FROM {name} WHERE poll_id = $1 AND {key} > $2 ORDER BY {key} LIMIT {BATCH}"
    );
    let delete = format!("DELETE FROM {name} WHERE poll_id = $1 AND {key} > $2 AND {key} <= $3");
    // On PostgreSQL they move out of the partition that receives votes.
    let into = if db.backend() == DbBackend::Postgres {
        format!("{name}_sealed")
    } else {
        name.to_owned()
    };
    let mut after = Value::from(Vec::<u8>::new());
    loop {
        let transaction = db.begin().await?;
        let found = transaction
            .query_all_raw(statement(
                &transaction,
                &select,
                [poll.into(), after.clone()],
            ))
            .await?;
        let found: Vec<Vec<Value>> = found.iter().map(table.read).collect::<Result<_, _>>()?;
        let Some(last) = found.last().map(|row| row[0].clone()) else {
            return transaction.commit().await;
        };
        execute(&transaction, &delete, [poll.into(), after, last.clone()]).await?;
        for some in found.chunks(AT_ONCE) {
            let insert = format!(
                "INSERT INTO {into} (poll_id, {columns}) VALUES {}",
                rows(some.len(), table.columns.len() + 1)
            );
            let values = some
                .iter()
                .flat_map(|row| std::iter::once(Value::from(poll)).chain(row.iter().cloned()));
            execute(&transaction, &insert, values).await?;
        }
        transaction.commit().await?;
        after = last;
    }
}

/// Rewrites all counts of a poll in one statement, since the old row versions show which vote was
/// the last for each choice.
async fn rewrite_tally(db: &Db, poll: i64) -> Result<(), DbErr> {
    execute(
        db.write(),
        "UPDATE tally SET votes = votes WHERE poll_id = $1",
        [poll.into()],
    )
    .await
    .map(drop)
}

async fn finish(db: &Db, stored: &StoredPoll) -> Result<(), DbErr> {
    let fingerprint = bundle::fingerprint(db, stored).await?;
    let sql = "UPDATE poll SET sealing_state = 'sealed', fingerprint = $1 WHERE id = $2 AND sealing_state <> 'sealed'";
    execute(db.write(), sql, [fingerprint.into(), stored.row.into()]).await?;
    tracing::info!(poll = stored.poll.id, "sealed");
    Ok(())
}
