//! From settings to everything that a running site stands on: an open and migrated database, the keys, the provider.

use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbErr};
use tokio_util::sync::CancellationToken;

use crate::accounts::limits::clock_set_back;
use crate::accounts::names::confusables;
use crate::accounts::passwords::password::Hasher;
use crate::accounts::seed::{demo_account, nobody_yet};
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::location::{DatabaseLocation, migrations};
use crate::platform::db::{Db, execute, pooler, statement};
use crate::polls::live::hub::LiveHub;
use crate::polls::seed::{demo_polls, hide, show};
use crate::polls::store::cache::{LASTS, PollCache};
use crate::polls::store::polls::none_yet;
use crate::polls::voting::writer::VoteWriter;
use crate::server::provider::{countries_exist, provider};
use crate::server::start_error::StartError;
use crate::server::startup_lock::turn;
use crate::server::state::AppState;
use crate::verification::health::{MonitoredProvider, ProviderHealth};
use crate::web::http::access_log::Requests;

/// The name under which the database keeps the check value of its secret.
const SECRET_CHECK: &str = "secret check value";

/// Opens the database and brings it up to date.
///
/// # Errors
/// When it cannot be opened or migrated.
pub async fn open_database(config: &Config) -> Result<Db, StartError> {
    let db = Db::connect_with(&config.database_url, config.connections).await?;
    pooler::check(&db).await?;
    bring_up_to_date(&db, config).await?;
    Ok(db)
}

async fn bring_up_to_date(db: &Db, config: &Config) -> Result<(), StartError> {
    let _turn = turn(db, config.start_wait).await?;
    Migrator::up(db.migrations(), None).await?;
    Ok(confusables::fill(db).await?)
}

/// Opens a database that is there already, as it is.
///
/// # Errors
/// When there is none, or it cannot be opened.
pub async fn open_existing(config: &Config) -> Result<Db, StartError> {
    let place = DatabaseLocation::of(&config.database_url);
    if !place.may_hold_something() {
        return Err(StartError::NoDatabase(place));
    }
    let db = Db::connect_with(&config.database_url, config.connections).await?;
    pooler::check(&db).await?;
    if migrations(&db).await?.is_empty() {
        db.close().await;
        return Err(StartError::NoDatabase(place));
    }
    Ok(db)
}

/// Opens a database that is there already, and brings it up to date.
///
/// # Errors
/// When there is none, or it cannot be opened or migrated.
pub async fn update_existing(config: &Config) -> Result<Db, StartError> {
    let db = open_existing(config).await?;
    bring_up_to_date(&db, config).await?;
    Ok(db)
}

/// Opens the keys that belong to a database, or makes them for a new one.
///
/// # Errors
/// When the secret is missing, or is another database's.
pub async fn open_keys(config: &Config, db: &Db) -> Result<Keys, StartError> {
    let _turn = turn(db, config.start_wait).await?;
    let known = known_secret(db).await?;
    let keys = Keys::open(&config.secret_file, known.as_deref())?;
    if known.is_none() {
        let sql = "INSERT INTO setting (name, value) VALUES ($1, $2)";
        let values = [SECRET_CHECK.into(), keys.check_value().into()];
        execute(db.write(), sql, values).await?;
    }
    Ok(keys)
}

/// Returns the check value of the secret that a database was made with.
pub async fn known_secret(db: &Db) -> Result<Option<String>, DbErr> {
    let statement = statement(
        db.write(),
        "SELECT value FROM setting WHERE name = $1",
        [SECRET_CHECK.into()],
    );
    db.write()
        .query_one_raw(statement)
        .await?
        .map(|row| row.try_get("", "value"))
        .transpose()
}

/// Makes the demo where nothing is yet; false where there is something.
///
/// # Errors
/// When it could not be made.
pub async fn seed(db: &Db, hasher: &Hasher, clock: &Clock) -> Result<bool, StartError> {
    if !(nobody_yet(db).await? && none_yet(db).await?) {
        return Ok(false);
    }
    demo_account(db, hasher, clock.now()).await?;
    demo_polls(db, clock.now()).await?;
    Ok(true)
}

/// Makes everything ready.
///
/// # Errors
/// The first thing that is not.
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
    // A clock set by hand is a test's, which changes rows behind our back.
    let lasts = if clock.is_set_by_hand() {
        Duration::ZERO
    } else {
        LASTS
    };
    let snapshots = PollCache::new(db.clone(), clock.clone(), lasts);
    let live = LiveHub::new(db.clone(), clock.clone(), snapshots.clone());
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
        snapshots,
        live,
        simulator,
        requests: Requests::default(),
        leaving: CancellationToken::new(),
    })
}
