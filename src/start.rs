//! From settings to everything that a running site stands on: an open and migrated database, the keys, the provider.

use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::{AssertSqlSafe, Executor};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::accounts::password::Hasher;
use crate::accounts::seed::{SeedError, demo_account, nobody_yet};
use crate::clock::Clock;
use crate::config::sending::Ceilings;
use crate::config::{Config, Verify};
use crate::db::{Db, execute, failed, statement};
use crate::keys::{KeyError, Keys};
use crate::polls::ballot_box::BallotBox;
use crate::polls::seed::demo_polls;
use crate::polls::snapshots::{LASTS, Snapshots};
use crate::polls::store::none_yet;
use crate::polls::watching::Live;
use crate::simulator::Simulator;
use crate::verification::countries;
use crate::verification::standing::{Heard, Standing};
use crate::verification::{BuildError, Provider, Twilio, TwilioSettings, Vonage, VonageSettings, VonageV2};
use crate::web::log::Requests;

/// The name under which the database keeps the check value of its secret.
const SECRET_CHECK: &str = "secret check value";
/// Whose turn it is to start, among several instances on PostgreSQL.
const TURN: i64 = 0x57a7;

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
    pub provider: Arc<dyn Provider>,
    /// How we stand with them.
    pub standing: Standing,
    /// Where votes are cast.
    pub ballots: BallotBox,
    /// Polls and counts, kept for a moment.
    pub snapshots: Snapshots,
    /// Who watches results.
    pub live: Live,
    /// The pretended phone network, while it is the provider.
    pub simulator: Option<Simulator>,
    /// How many requests were answered.
    pub requests: Requests,
    /// Cancelled when the process has been told to stop, a while before it takes no more connections.
    pub leaving: CancellationToken,
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
    /// The provider's address is not right.
    #[error("POLLSTR_VERIFY_URL: {0}")]
    Provider(#[from] BuildError),
    /// The simulator found no port.
    #[error("the simulator found no port: {0}")]
    Simulator(std::io::Error),
    /// A setting names a country that there is not.
    #[error("{0}: {1} is not a country; its two letters in ISO 3166 are needed, as in GB")]
    Country(&'static str, String),
    /// The demo could not be made.
    #[error("the demo could not be made: {0}")]
    Seed(#[from] SeedError),
}

/// Opens the database and brings it up to date.
///
/// # Errors
/// When it cannot be opened or migrated.
pub async fn open_database(config: &Config) -> Result<Db, StartError> {
    let db = Db::connect_with(&config.database_url, config.connections).await?;
    let _turn = turn(&db).await?;
    Migrator::up(db.migrations(), None).await?;
    Ok(db)
}

/// Makes processes that start at the same time on one PostgreSQL do so one after the other. The turn ends when it is dropped. SQLite
/// serves one process.
async fn turn(db: &Db) -> Result<Option<impl Sized + use<>>, DbErr> {
    if db.backend() == DbBackend::Sqlite {
        return Ok(None);
    }
    let mut connection = db.apart().await?;
    connection.execute(AssertSqlSafe(format!("SELECT pg_advisory_lock({TURN})"))).await.map_err(failed)?;
    Ok(Some(connection))
}

/// Opens the keys that belong to a database, or makes them for a new one.
///
/// # Errors
/// When the secret is missing, or is another database's.
pub async fn open_keys(config: &Config, db: &Db) -> Result<Keys, StartError> {
    let _turn = turn(db).await?;
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
    countries_exist(&config)?;
    let db = open_database(&config).await?;
    let keys = open_keys(&config, &db).await?;
    let hasher = Hasher::new();
    if config.seed && config.demo() {
        seed(&db, &hasher, &clock).await?;
    }
    let (provider, simulator) = provider(&config, &clock).await?;
    // A clock set by hand is a test's, which changes rows behind our back.
    let lasts = if clock.is_set_by_hand() { Duration::ZERO } else { LASTS };
    let snapshots = Snapshots::new(db.clone(), clock.clone(), lasts);
    let live = Live::new(db.clone(), clock.clone(), snapshots.clone());
    let ballots = BallotBox::open(db.clone(), keys.clone(), clock.clone(), live.clone());
    let standing = Standing::default();
    Ok(Ground {
        config: Arc::new(config),
        clock,
        db,
        keys,
        hasher,
        provider: Arc::new(Heard::new(provider, standing.clone())),
        standing,
        ballots,
        snapshots,
        live,
        simulator,
        requests: Requests::default(),
        leaving: CancellationToken::new(),
    })
}

fn countries_exist(config: &Config) -> Result<(), StartError> {
    let Ceilings { countries, prices, .. } = &config.ceilings;
    let allowed = countries.iter().map(|country| ("POLLSTR_COUNTRIES", country));
    let priced = prices.keys().filter(|country| *country != "*").map(|country| ("POLLSTR_PRICES", country));
    match allowed.chain(priced).find(|(_, country)| countries::find(country).is_none()) {
        Some((setting, country)) => Err(StartError::Country(setting, country.clone())),
        None => Ok(()),
    }
}

/// The client of whoever sends the codes. The simulator is reached over HTTP as any provider would be, on a port of its own.
async fn provider(config: &Config, clock: &Clock) -> Result<(Arc<dyn Provider>, Option<Simulator>), StartError> {
    let vonage = |(api_key, api_secret): (String, String), base_url: String| VonageSettings {
        base_url,
        api_key,
        api_secret,
        brand: config.brand.clone(),
        sender_id: config.sender_id.clone(),
    };
    let provider: Arc<dyn Provider> = match config.verify.clone() {
        Verify::Vonage { credentials, base_url } => Arc::new(Vonage::new(vonage(credentials, base_url))?),
        Verify::VonageV2 { credentials, base_url } => Arc::new(VonageV2::new(vonage(credentials, base_url))?),
        Verify::Twilio { credentials: (account_sid, auth_token), service, base_url } => {
            Arc::new(Twilio::new(TwilioSettings { base_url, account_sid, auth_token, service })?)
        }
        Verify::Simulator => {
            let simulator = Simulator::new(clock.clone()).signing(config.origin.host());
            let base_url = simulator.listen().await.map_err(StartError::Simulator)?;
            let pretended = ("simulated".to_owned(), "simulated".to_owned());
            return Ok((Arc::new(Vonage::new(vonage(pretended, base_url))?), Some(simulator)));
        }
    };
    Ok((provider, None))
}
