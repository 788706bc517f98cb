//! From settings to everything that a running site stands on: an open and migrated database, the keys, the provider.

use std::net::Ipv4Addr;
use std::sync::Arc;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbErr};
use thiserror::Error;
use tokio::net::TcpListener;

use crate::accounts::password::Hasher;
use crate::accounts::seed::{SeedError, demo_account, nobody_yet};
use crate::clock::Clock;
use crate::config::{Config, Verify};
use crate::db::{Db, execute, statement};
use crate::keys::{KeyError, Keys};
use crate::polls::ballot_box::BallotBox;
use crate::polls::seed::demo_polls;
use crate::polls::store::none_yet;
use crate::simulator::Simulator;
use crate::verification::{BuildError, Provider, Settings};

/// The name under which the database keeps the check value of its secret.
const SECRET_CHECK: &str = "secret check value";

/// What a running site stands on.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The settings.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// The database, migrated.
    pub db: Db,
    /// The keys that belong to it.
    pub keys: Keys,
    /// For passwords.
    pub hasher: Hasher,
    /// Who sends the codes.
    pub provider: Arc<Provider>,
    /// Where votes are cast.
    pub ballots: BallotBox,
    /// The pretended phone network, while it is the provider.
    pub simulator: Option<Simulator>,
}

/// Why there is nothing to stand on. One line each.
#[derive(Debug, Error)]
pub enum StartError {
    /// The database cannot be opened, reached or migrated.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] DbErr),
    /// The secret is not there or not right.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The provider's settings are not right.
    #[error("POLLSTR_VERIFY: {0}")]
    Provider(#[from] BuildError),
    /// The simulator found no port.
    #[error("the simulator found no port: {0}")]
    Simulator(std::io::Error),
    /// The demo could not be made.
    #[error("the demo could not be made: {0}")]
    Seed(#[from] SeedError),
}

/// Opens the database and brings it up to date.
///
/// # Errors
/// When it cannot be opened or migrated.
pub async fn open_database(config: &Config) -> Result<Db, StartError> {
    let db = Db::connect(&config.database_url).await?;
    Migrator::up(db.write(), None).await?;
    Ok(db)
}

/// Opens the keys that belong to a database, or makes them for a new one.
///
/// # Errors
/// When the secret is missing, or is another database's.
pub async fn open_keys(config: &Config, db: &Db) -> Result<Keys, StartError> {
    let sql = "SELECT value FROM setting WHERE name = $1";
    let statement = statement(db.write(), sql, [SECRET_CHECK.into()]);
    let known = db.write().query_one_raw(statement).await?.map(|row| row.try_get::<String>("", "value")).transpose()?;
    let keys = Keys::open(&config.secret_file, known.as_deref())?;
    if known.is_none() {
        let sql = "INSERT INTO setting (name, value) VALUES ($1, $2)";
        let values = [SECRET_CHECK.into(), keys.check_value().into()];
        execute(db.write(), sql, values).await?;
    }
    Ok(keys)
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
pub async fn start(config: Config, clock: Clock) -> Result<Ground, StartError> {
    let db = open_database(&config).await?;
    let keys = open_keys(&config, &db).await?;
    let hasher = Hasher::new();
    if config.seed && config.demo() {
        seed(&db, &hasher, &clock).await?;
    }
    let (provider, simulator) = provider(&config, &clock).await?;
    let ballots = BallotBox::open(db.clone(), keys.clone(), clock.clone());
    Ok(Ground { config: Arc::new(config), clock, db, keys, hasher, provider: Arc::new(provider), ballots, simulator })
}

/// The client of whoever sends the codes. The simulator is reached over HTTP as any provider would be, on a port of its own.
async fn provider(config: &Config, clock: &Clock) -> Result<(Provider, Option<Simulator>), StartError> {
    let settings = |base_url: String, api_key: &str, api_secret: &str| Settings {
        base_url,
        api_key: api_key.to_owned(),
        api_secret: api_secret.to_owned(),
        brand: config.brand.clone(),
        sender_id: config.sender_id.clone(),
    };
    match &config.verify {
        Verify::Vonage { api_key, api_secret, base_url } => Ok((Provider::new(settings(base_url.clone(), api_key, api_secret))?, None)),
        Verify::Simulator => {
            let simulator = Simulator::new(clock.clone());
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(StartError::Simulator)?;
            let base_url = format!("http://{}", listener.local_addr().map_err(StartError::Simulator)?);
            let router = simulator.router();
            tokio::spawn(async move {
                if let Err(error) = axum::serve(listener, router).await {
                    tracing::error!(%error, "the simulator has stopped");
                }
            });
            Ok((Provider::new(settings(base_url, "simulated", "simulated"))?, Some(simulator)))
        }
    }
}
