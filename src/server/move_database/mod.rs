//! Moves a site between SQLite and PostgreSQL while it is stopped.
//!
//! All rows are copied in one transaction, in the order of their keys: afterwards nothing tells in
//! which order they were inserted.

mod copy;
pub mod error;
mod guard;
mod tables;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use crate::platform::backup::replace::require_unused;
use crate::platform::clock::Seconds;
use crate::platform::db::location::{DatabaseLocation, migrations};
use crate::platform::db::{Db, pooler, statement, take_time};
use crate::polls::sealing::recount;
use crate::server::move_database::copy::{copy, copy_last_id, sealed_polls};
use crate::server::move_database::error::MoveError;
use crate::server::move_database::guard::guard;
use crate::server::move_database::tables::{Table, tables};
use crate::server::startup::upgrade::require_current;

/// What was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Rows of all tables.
    pub rows: i64,
    /// Polls that were recounted in both databases, with the same result.
    pub polls: usize,
}

/// One of the two databases.
struct End {
    place: DatabaseLocation,
    db: Db,
}

impl End {
    async fn open(url: &str, place: DatabaseLocation) -> Result<Self, MoveError> {
        let db = Db::connect(url)
            .await
            .map_err(|error| MoveError::Database(place.clone(), error))?;
        pooler::check(&db).await?;
        Ok(Self { place, db })
    }

    fn failed(&self, error: DbErr) -> MoveError {
        MoveError::Database(self.place.clone(), error)
    }
}

/// Copies a database into an empty one of the other kind. The source stays as it is.
///
/// # Errors
/// When a process uses either, the source isn't of this version, or the destination isn't empty. Then
/// the destination is as empty as before.
pub async fn move_database(from: &str, to: &str, now: Seconds) -> Result<Moved, MoveError> {
    let places = [from, to].map(DatabaseLocation::of);
    let [source, destination] = &places;
    let _held = match (source, destination) {
        (DatabaseLocation::File(file), DatabaseLocation::Server(_)) => {
            require_unused(file)?;
            guard(to, destination).await?
        }
        (DatabaseLocation::Server(_), DatabaseLocation::File(file)) => {
            require_unused(file)?;
            guard(from, source).await?
        }
        _ => return Err(MoveError::SameKind),
    };
    if !source.may_have_data() {
        return Err(MoveError::NoDatabase(source.clone()));
    }
    let [source, destination] = places;
    let source = End::open(from, source).await?;
    let moved = match End::open(to, destination).await {
        Ok(destination) => {
            let moved = between(&source, &destination, now).await;
            destination.db.close().await;
            moved
        }
        Err(error) => Err(error),
    };
    source.db.close().await;
    moved
}

async fn between(from: &End, to: &End, now: Seconds) -> Result<Moved, MoveError> {
    let applied = migrations(from.db.read()).await;
    if applied.map_err(|error| from.failed(error))?.is_empty() {
        return Err(MoveError::NoDatabase(from.place.clone()));
    }
    require_current(&from.db, &from.place).await?;
    prepare(to).await?;
    let sqlite = match from.db.backend() {
        DbBackend::Sqlite => from,
        _ => to,
    };
    let tables = tables(sqlite.db.read())
        .await
        .map_err(|error| sqlite.failed(error))?;
    require_empty(to, &tables).await?;
    // On SQLite, a site that starts meanwhile can't write.
    let held = from.db.begin().await.map_err(|error| from.failed(error))?;
    let rows = transfer(from, to, &tables).await?;
    let polls = recount_all(from, to, now).await?;
    held.rollback().await.map_err(|error| from.failed(error))?;
    Ok(Moved { rows, polls })
}

/// Creates the tables of a destination that has none.
async fn prepare(to: &End) -> Result<(), MoveError> {
    let failed = |error| to.failed(error);
    if !migrations(to.db.read()).await.map_err(failed)?.is_empty() {
        return require_current(&to.db, &to.place).await.map_err(Into::into);
    }
    let others = match to.db.backend() {
        DbBackend::Postgres => {
            "SELECT COUNT(*) AS n FROM pg_tables WHERE schemaname = current_schema()"
        }
        _ => "SELECT COUNT(*) AS n FROM sqlite_master",
    };
    if number(to.db.read(), others).await.map_err(failed)? > 0 {
        return Err(MoveError::NotEmpty(to.place.clone()));
    }
    Migrator::up(to.db.migrations(), None).await.map_err(failed)
}

async fn require_empty(to: &End, tables: &[Table]) -> Result<(), MoveError> {
    for table in tables {
        let rows = count(to.db.read(), table).await;
        if rows.map_err(|error| to.failed(error))? > 0 {
            return Err(MoveError::NotEmpty(to.place.clone()));
        }
    }
    Ok(())
}

/// Copies all tables in one transaction, compares the numbers of rows, and returns their sum.
async fn transfer(from: &End, to: &End, tables: &[Table]) -> Result<i64, MoveError> {
    let (unread, unwritten) = (|error| from.failed(error), |error| to.failed(error));
    let source = from.db.snapshot().await.map_err(unread)?;
    let destination = to.db.begin().await.map_err(unwritten)?;
    take_time(&destination).await.map_err(unwritten)?;
    let sealed = sealed_polls(&source).await.map_err(unread)?;
    let mut rows = 0;
    for table in tables {
        copy(table, &source, &destination, &sealed)
            .await
            .map_err(unwritten)?;
        if table.is_serial {
            copy_last_id(table, &source, &destination)
                .await
                .map_err(unwritten)?;
        }
        let before = count(&source, table).await.map_err(unread)?;
        let after = count(&destination, table).await.map_err(unwritten)?;
        if before != after {
            return Err(MoveError::Rows {
                table: table.name.clone(),
                before,
                after,
            });
        }
        rows += after;
    }
    destination.commit().await.map_err(unwritten)?;
    source.rollback().await.map_err(unread)?;
    Ok(rows)
}

async fn count(db: &impl ConnectionTrait, table: &Table) -> Result<i64, DbErr> {
    number(db, &format!("SELECT COUNT(*) AS n FROM {}", table.name)).await
}

async fn number(db: &impl ConnectionTrait, sql: &str) -> Result<i64, DbErr> {
    let row = db.query_one_raw(statement(db, sql, [])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "n"))
}

/// Recounts each poll in both databases, and returns how many there are.
async fn recount_all(from: &End, to: &End, now: Seconds) -> Result<usize, MoveError> {
    let (mut polls, mut after) = (0, 0);
    loop {
        let (some, last) = recount::polls(&from.db, after)
            .await
            .map_err(|error| from.failed(error))?;
        for id in &some {
            let before = recount::recount(&from.db, id, now).await;
            let before = before.map_err(|error| from.failed(error))?;
            let moved = recount::recount(&to.db, id, now).await;
            if before != moved.map_err(|error| to.failed(error))? {
                return Err(MoveError::Recount(id.clone()));
            }
        }
        if some.is_empty() {
            return Ok(polls);
        }
        (polls, after) = (polls + some.len(), last);
    }
}
