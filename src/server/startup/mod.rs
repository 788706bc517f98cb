//! Startup: opens and migrates the database, loads the keys and builds the shared state.

pub mod error;
mod lock;
pub(in crate::server) mod schema;
pub mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};
use tokio_util::sync::CancellationToken;

use crate::accounts::limits::clock_set_back;
use crate::accounts::limits::number_checks::NumberChecks;
use crate::accounts::names::confusables;
use crate::accounts::passwords::password::Hasher;
use crate::accounts::seed::{demo_account, has_no_accounts};
use crate::accounts::sessions::cache::SessionCache;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::location::{DatabaseLocation, migrations};
use crate::platform::db::{Db, execute, pooler, statement};
use crate::polls::live::hub::LiveHub;
use crate::polls::seed::{demo_polls, hide, show};
use crate::polls::store::cache::{LIFETIME, PollCache};
use crate::polls::store::polls::none_yet;
use crate::polls::store::search;
use crate::polls::voting::writer::VoteWriter;
use crate::server::provider::{countries_exist, provider};
use crate::server::startup::error::StartError;
use crate::server::state::AppState;
use crate::verification::health::{MonitoredProvider, ProviderHealth};
use crate::web::http::access_log::Requests;

/// The row of `setting` with the check value of the secret.
const SECRET_CHECK: &str = "secret check value";

/// Opens the database, creating an SQLite file if needed, and runs migrations.
pub async fn open_database(config: &Config) -> Result<Db, StartError> {
    upgrade::require_exclusive(&config.database_url).await?;
    let db = Db::connect_with(&config.database_url, config.connections).await?;
    pooler::check(&db).await?;
    bring_up_to_date(&db, config).await?;
    Ok(db)
}

async fn bring_up_to_date(db: &Db, config: &Config) -> Result<(), StartError> {
    let _startup_lock = lock::acquire(db, config.start_wait).await?;
    upgrade::run(db, &config.database_url).await?;
    confusables::fill(db).await?;
    Ok(search::fill(db).await?)
}

/// Opens an existing database without migrating it.
pub async fn open_existing(config: &Config) -> Result<Db, StartError> {
    let place = DatabaseLocation::of(&config.database_url);
    if !place.may_have_data() {
        return Err(StartError::NoDatabase(place));
    }
    let db = Db::connect_with(&config.database_url, config.connections).await?;
    pooler::check(&db).await?;
    if migrations(db.read()).await?.is_empty() {
        db.close().await;
        return Err(StartError::NoDatabase(place));
    }
    Ok(db)
}

/// Opens an existing database for a command that only reads it.
///
/// # Errors
/// When its schema is of another version.
pub async fn open_current(config: &Config) -> Result<Db, StartError> {
    let db = open_existing(config).await?;
    upgrade::require_current(&db, &DatabaseLocation::of(&config.database_url)).await?;
    Ok(db)
}

/// Opens an existing database and runs migrations.
pub async fn update_existing(config: &Config) -> Result<Db, StartError> {
    upgrade::require_exclusive(&config.database_url).await?;
    let db = open_existing(config).await?;
    bring_up_to_date(&db, config).await?;
    Ok(db)
}

/// Loads the keys of a database, or creates the secret file for a new one.
///
/// # Errors
/// When the secret file is missing or belongs to another database.
pub async fn open_keys(config: &Config, db: &Db) -> Result<Keys, StartError> {
    let _startup_lock = lock::acquire(db, config.start_wait).await?;
    let known = known_secret(db.write()).await?;
    let keys = Keys::open(&config.secret_file, known.as_deref())?;
    if known.is_none() {
        let sql = "INSERT INTO setting (name, value) VALUES ($1, $2)";
        let values = [SECRET_CHECK.into(), keys.check_value().into()];
        execute(db.write(), sql, values).await?;
    }
    Ok(keys)
}

/// Returns the check value of the secret the database was created with.
pub async fn known_secret(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    let statement = statement(
        db,
        "SELECT value FROM setting WHERE name = $1",
        [SECRET_CHECK.into()],
    );
    db.query_one_raw(statement)
        .await?
        .map(|row| row.try_get("", "value"))
        .transpose()
}

/// Inserts the demo into an empty database; returns false if there is any data.
pub async fn seed(db: &Db, hasher: &Hasher, clock: &Clock) -> Result<bool, StartError> {
    if !(has_no_accounts(db).await? && none_yet(db).await?) {
        return Ok(false);
    }
    demo_account(db, hasher, clock.now()).await?;
    demo_polls(db, clock.now()).await?;
    Ok(true)
}

/// Starts everything but the listener and the jobs.
pub async fn start(config: Config, clock: Clock) -> Result<AppState, StartError> {
    countries_exist(&config)?;
    let db = open_database(&config).await?;
    clock_set_back::all(db.write(), clock.now()).await?;
    let keys = open_keys(&config, &db).await?;
    let hasher = Hasher::new();
    if config.seed && config.demo() {
        seed(&db, &hasher, &clock).await?;
    }
    if config.is_public() {
        if hide(&db).await? > 0 {
            tracing::warn!(
                "this database was used for the demo, whose polls are now hidden; give a real site a database of its own"
            );
        }
    } else {
        show(&db).await?;
    }
    let (provider, simulator) = provider(&config, &clock).await?;
    // Tests with their own clock change rows directly, so nothing is cached.
    let (lasts, sessions) = if clock.is_manual() {
        (Duration::ZERO, SessionCache::none())
    } else {
        (LIFETIME, SessionCache::following(&db))
    };
    let cache = PollCache::new(db.clone(), clock.clone(), lasts);
    let live = LiveHub::new(db.clone(), clock.clone(), cache.clone());
    let ballots = VoteWriter::open(
        db.clone(),
        keys.clone(),
        clock.clone(),
        live.clone(),
        config.mobile_only,
    );
    let standing = ProviderHealth::default();
    Ok(AppState {
        config: Arc::new(config),
        clock,
        db,
        keys,
        hasher,
        provider: Arc::new(MonitoredProvider::new(provider, standing.clone())),
        standing,
        ballots,
        sessions,
        cache,
        live,
        simulator,
        requests: Requests::default(),
        number_checks: NumberChecks::default(),
        leaving: CancellationToken::new(),
    })
}
