//! Sealing: what happens to the ballots of a poll once it has closed.
//!
//! While a poll is open, the place of a row in the file, its transaction's number and the log can tell which mark and which ballot
//! came together. So marks and ballots are written anew, each in the order of their keys, which are random; then what the old rows
//! left behind is cleared away, and the poll gets the fingerprint of its recount bundle. It can be stopped anywhere and begun again:
//! a poll is sealed only when all of it is done.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use tokio::sync::Mutex;

use crate::platform::clock::{Clock, Seconds};
use crate::platform::db::{Db, Transaction, execute, rows, statement};
use crate::polls::sealing::bundle;
use crate::polls::sealing::vacuum::sweep;
use crate::polls::store::polls;
use crate::polls::store::polls::StoredPoll;

/// How many rows are written anew in one transaction; votes in other polls wait no longer than for these.
const BATCH: usize = 5_000;
/// How many of them in one statement.
const AT_ONCE: usize = 500;
/// After how many polls what they left behind is cleared away, for all of them at once.
const POLLS: usize = 50;
/// Whose turn it is among several instances on PostgreSQL.
const TURN: i64 = 0x5ea1;
/// How long a poll that could not be sealed is left alone, in seconds.
const ALONE: Seconds = 30;
/// Whose turn it is in this process; and until when which polls are left alone.
static HERE: Mutex<BTreeMap<String, Seconds>> = Mutex::const_new(BTreeMap::new());

/// A table whose rows are written anew; its first column is its key beside the poll.
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

/// Seals the polls that have closed and are not sealed yet, and tells how many were. One that cannot be sealed keeps none of the
/// others from it, and is left alone for a while. None are sealed while another instance is at it.
///
/// # Errors
/// When the database fails; then they are sealed when this is called again.
pub async fn seal_due(db: &Db, clock: &Clock) -> Result<usize, DbErr> {
    let mut left_alone = HERE.lock().await;
    let Some(turn) = turn(db).await? else {
        return Ok(0);
    };
    let now = clock.now();
    // By a clock that was ahead it would be for longer.
    left_alone.retain(|_, until| (1..=ALONE).contains(&(*until - now)));
    let due = db.read().query_all_raw(due(db.read(), clock.now())).await?;
    let mut due: Vec<String> = due
        .iter()
        .map(|row| row.try_get("", "public_id"))
        .collect::<Result<_, _>>()?;
    due.retain(|id| !left_alone.contains_key(id));
    let mut leave_alone = |id: &str, error: &DbErr| {
        tracing::error!(poll = id, %error, "not sealed");
        left_alone.insert(id.to_owned(), clock.now() + ALONE);
    };
    // Sealing takes its time, but whoever watches a poll waits for its last vote: all boxes are shut first.
    let mut closed = Vec::new();
    for id in due {
        match shut(db, &id, clock.now()).await {
            Ok(true) => closed.push(id),
            Ok(false) => {}
            Err(error) => leave_alone(&id, &error),
        }
    }
    let mut sealed = 0;
    for some in closed.chunks(POLLS) {
        let mut rewritten = Vec::new();
        for id in some {
            match rewrite_poll(db, id, clock.now()).await {
                Ok(stored) => rewritten.extend(stored),
                Err(error) => leave_alone(id, &error),
            }
        }
        if !rewritten.is_empty() {
            sweep(db).await?;
        }
        for stored in rewritten {
            match finish(db, &stored).await {
                Ok(()) => sealed += 1,
                Err(error) => leave_alone(&stored.poll.id, &error),
            }
        }
    }
    if let Turn::Held(transaction) = turn {
        transaction.commit().await?;
    }
    Ok(sealed)
}

/// The polls that have closed and are not sealed yet; written so that SQLite, too, finds them by an index.
pub(crate) fn due(db: &impl ConnectionTrait, now: Seconds) -> Statement {
    let sql = "SELECT public_id FROM poll WHERE sealing_state IN ('not_started', 'shut') AND closes_at <= $1 AND NOT draft ORDER BY closes_at";
    statement(db, sql, [now.into()])
}

/// That nobody else seals polls now.
enum Turn {
    /// SQLite has one writer, and what is done twice does no harm.
    Free,
    /// The lock lasts as long as the transaction, which is idle and keeps nothing from being cleared away.
    Held(Transaction),
}

async fn turn(db: &Db) -> Result<Option<Turn>, DbErr> {
    if db.backend() == DbBackend::Sqlite {
        return Ok(Some(Turn::Free));
    }
    let transaction = db.begin().await?;
    let lock = statement(
        &transaction,
        "SELECT pg_try_advisory_xact_lock($1) AS mine",
        [TURN.into()],
    );
    let mine = transaction
        .query_one_raw(lock)
        .await?
        .map_or(Ok(false), |row| row.try_get("", "mine"))?;
    Ok(mine.then_some(Turn::Held(transaction)))
}

/// Shuts the ballot box of a poll that has closed. Votes under way hold its row, so this waits for them; whatever comes later finds
/// the box shut, by whatever clock.
async fn shut(db: &Db, id: &str, now: Seconds) -> Result<bool, DbErr> {
    let sql = "UPDATE poll SET sealing_state = 'shut' WHERE public_id = $1 AND sealing_state <> 'sealed' AND NOT draft AND closes_at <= $2";
    Ok(execute(db.write(), sql, [id.into(), now.into()]).await? == 1)
}

/// Writes all of a poll anew that could tell who voted how; none where it is gone. It is read only now that its box is shut: nobody
/// moves its close any more.
async fn rewrite_poll(db: &Db, id: &str, now: Seconds) -> Result<Option<StoredPoll>, DbErr> {
    let Some(stored) = polls::find(db.read(), id, now).await? else {
        return Ok(None);
    };
    rewrite(db, stored.row, &MARKS).await?;
    rewrite(db, stored.row, &ACCOUNTS).await?;
    rewrite(db, stored.row, &BALLOTS).await?;
    rewrite_tally(db, stored.row).await?;
    Ok(Some(stored))
}

/// Writes the rows of a poll anew, in the order of their keys.
async fn rewrite(db: &Db, poll: i64, table: &Table) -> Result<(), DbErr> {
    let (name, key, columns) = (table.name, table.columns[0], table.columns.join(", "));
    let select = format!(
        "SELECT {columns} FROM {name} WHERE poll_id = $1 AND {key} > $2 ORDER BY {key} LIMIT {BATCH}"
    );
    let delete = format!("DELETE FROM {name} WHERE poll_id = $1 AND {key} > $2 AND {key} <= $3");
    // On PostgreSQL they leave the part of the table in which votes arrive.
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

/// Writes the counts anew, all at once: each tells which vote was the last for its choice.
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
