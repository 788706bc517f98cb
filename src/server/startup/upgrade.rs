//! Schema upgrades: the conditions for running migrations, and the copy of an SQLite file made
//! before them.
//!
//! All instances have to be upgraded together. A connected process of another version would read
//! columns that no longer exist, so a start is refused while there is one.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteLockingMode};
use sea_orm::sqlx::{ConnectOptions, Connection, Executor, Row};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use thiserror::Error;
use tokio::time::{Instant, sleep};

use crate::platform::backup::{BackupError, backup};
use crate::platform::db::location::{DatabaseLocation, migrations};
use crate::platform::db::{Db, application_name};
use crate::server::startup::schema::{Schema, steps};

/// How long a terminating process may take to disconnect.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Interval between checks.
const PAUSE: Duration = Duration::from_millis(100);
/// SQLite's result code for a lock that another connection holds.
const SQLITE_BUSY: &str = "5";

/// Why the schema cannot be upgraded, or used.
#[derive(Debug, Error)]
pub enum UpgradeError {
    /// A later version has upgraded the database.
    #[error(
        "DATABASE_URL: the database at {0} is from a later version of Pollstr; use that version"
    )]
    Later(DatabaseLocation),
    /// The database must be upgraded first.
    #[error(
        "DATABASE_URL: the database at {0} is from an earlier version of Pollstr; run `pollstr migrate` first"
    )]
    Earlier(DatabaseLocation),
    /// An instance of another version is connected.
    #[error(
        "DATABASE_URL: {0} is connected; all instances must run the same version, so stop it first"
    )]
    Connected(Client),
    /// Another process has the SQLite file open.
    #[error(
        "DATABASE_URL: another process has {0} open, but this version needs to upgrade it; stop that process first"
    )]
    Open(DatabaseLocation),
    /// The SQLite file could not be copied.
    #[error("couldn't back up the database before upgrading it: {0}")]
    Backup(#[from] BackupError),
    /// The database failed.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
}

/// A connected client of another version.
#[derive(Debug)]
pub struct Client {
    backend: i32,
    from: Option<String>,
    /// The schema it uses; `None` if it doesn't say.
    schema: Option<String>,
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "another version of Pollstr (schema {schema}, ")?,
            None => f.write_str("a client that may be an older Pollstr (")?,
        }
        write!(f, "PostgreSQL backend {}", self.backend)?;
        if let Some(from) = &self.from {
            write!(f, ", from {from}")?;
        }
        f.write_str(")")
    }
}

/// Checks that the schema is this version's.
///
/// # Errors
/// When it is an earlier or later one.
pub async fn require_current(db: &Db, place: &DatabaseLocation) -> Result<(), UpgradeError> {
    match Schema::of(&migrations(db.read()).await?) {
        Schema::Later => Err(UpgradeError::Later(place.clone())),
        Schema::Earlier => Err(UpgradeError::Earlier(place.clone())),
        Schema::Empty | Schema::Current => Ok(()),
    }
}

/// Returns whether the next start will upgrade the schema.
///
/// # Errors
/// When it is a later one.
pub async fn is_due(db: &Db, place: &DatabaseLocation) -> Result<bool, UpgradeError> {
    match Schema::of(&migrations(db.read()).await?) {
        Schema::Later => Err(UpgradeError::Later(place.clone())),
        schema => Ok(schema != Schema::Current),
    }
}

/// Checks that no other process has an SQLite file open that needs an upgrade.
///
/// Must be called before this process opens the file: SQLite refuses an exclusive lock while any
/// other connection is open. Other problems with the file are left to later connections to report.
///
/// # Errors
/// When another process has it open.
pub async fn require_exclusive(url: &str) -> Result<(), UpgradeError> {
    let place = DatabaseLocation::of(url);
    let Ok(options) = url.parse::<SqliteConnectOptions>() else {
        return Ok(());
    };
    if !url.starts_with("sqlite:") || !place.may_have_data() {
        return Ok(());
    }
    let options = options
        .create_if_missing(false)
        .busy_timeout(DISCONNECT_TIMEOUT)
        .disable_statement_logging();
    let Some(applied) = applied(&options).await else {
        return Ok(());
    };
    if Schema::of(&applied) != Schema::Earlier {
        return Ok(());
    }
    let alone = async {
        let mut connection = options
            .locking_mode(SqliteLockingMode::Exclusive)
            .connect()
            .await?;
        connection.execute("BEGIN EXCLUSIVE; ROLLBACK").await?;
        connection.close().await
    };
    match alone.await {
        Err(error)
            if error
                .as_database_error()
                .is_some_and(|error| error.code().as_deref() == Some(SQLITE_BUSY)) =>
        {
            Err(UpgradeError::Open(place))
        }
        _ => Ok(()),
    }
}

async fn applied(options: &SqliteConnectOptions) -> Option<Vec<String>> {
    let mut connection = options.connect().await.ok()?;
    let rows = connection
        .fetch_all("SELECT version FROM seaql_migrations")
        .await;
    connection.close().await.ok()?;
    rows.ok()?.iter().map(|row| row.try_get(0).ok()).collect()
}

/// Upgrades the schema, after copying an SQLite file that isn't empty. The caller holds the startup
/// lock.
///
/// # Errors
/// When the database is of a later version, a client of another version is connected, or a
/// migration fails.
pub async fn run(db: &Db, url: &str) -> Result<(), UpgradeError> {
    let place = DatabaseLocation::of(url);
    let schema = Schema::of(&migrations(db.read()).await?);
    if schema == Schema::Later {
        return Err(UpgradeError::Later(place));
    }
    if db.backend() == DbBackend::Postgres {
        wait_for_others(db, schema == Schema::Earlier).await?;
    } else if schema == Schema::Earlier
        && let DatabaseLocation::File(file) = &place
    {
        let copy = free_name(file);
        backup(db, &copy).await?;
        let copy = copy.display();
        tracing::info!(%copy, "the database was copied before its upgrade");
        // Commands have no log. A closed standard error is ignored.
        let _ = writeln!(
            std::io::stderr(),
            "pollstr: backed up the database to {copy} before upgrading it"
        );
    }
    if schema != Schema::Current {
        Migrator::up(db.migrations(), None).await?;
    }
    Ok(())
}

/// Returns an unused name next to the file: `pollstr.db.before-m0013.backup`, then
/// `pollstr.db.before-m0013.2.backup`.
fn free_name(file: &Path) -> PathBuf {
    let last = steps().pop().unwrap_or_default();
    let step = last.split('_').next().unwrap_or_default();
    let name = |number: u32| {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".before-{step}"));
        if number > 1 {
            name.push(format!(".{number}"));
        }
        name.push(".backup");
        PathBuf::from(name)
    };
    let part = |copy: &Path| {
        let mut part = copy.as_os_str().to_owned();
        part.push(".part");
        PathBuf::from(part)
    };
    (1..=u32::MAX)
        .map(name)
        .find(|copy| !copy.exists() && !part(copy).exists())
        .unwrap_or_else(|| name(1))
}

/// Waits briefly for clients of other versions to disconnect.
///
/// Instances set their schema as `application_name`. Versions before m0013 set none, so before an
/// upgrade any unnamed client of the same role counts as one, except a pooler's idle connection,
/// which was reset.
async fn wait_for_others(db: &Db, upgrading: bool) -> Result<(), UpgradeError> {
    let began = Instant::now();
    while let Some(client) = other_client(db, upgrading).await? {
        if began.elapsed() > DISCONNECT_TIMEOUT {
            return Err(UpgradeError::Connected(client));
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

async fn other_client(db: &Db, upgrading: bool) -> Result<Option<Client>, DbErr> {
    let ours = application_name();
    let sql = "SELECT pid, host(client_addr) AS client, NULLIF(application_name, '') AS name FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend'
           AND (application_name LIKE 'pollstr m%' AND application_name <> $1
                OR $2 AND application_name = '' AND usename = current_user AND query <> 'DISCARD ALL')
         ORDER BY pid LIMIT 1";
    let find =
        Statement::from_sql_and_values(DbBackend::Postgres, sql, [ours.into(), upgrading.into()]);
    let Some(row) = db.write().query_one_raw(find).await? else {
        return Ok(None);
    };
    let name: Option<String> = row.try_get("", "name")?;
    Ok(Some(Client {
        backend: row.try_get("", "pid")?,
        from: row.try_get("", "client")?,
        schema: name.map(|name| name.trim_start_matches("pollstr ").to_owned()),
    }))
}
