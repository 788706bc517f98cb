//! From settings to everything that a running site stands on: an open and migrated database, the keys, the provider.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::accounts::limits::clock_set_back;
use crate::accounts::names::confusables;
use crate::accounts::passwords::password::Hasher;
use crate::accounts::seed::{SeedError, demo_account, nobody_yet};
use crate::platform::clock::Clock;
use crate::platform::config::limits::Ceilings;
use crate::platform::config::{Config, Verify};
use crate::platform::crypto::{KeyError, Keys};
use crate::platform::db::location::{Place, migrations};
use crate::platform::db::pooler;
use crate::platform::db::{Db, execute, statement};
use crate::polls::live::hub::Live;
use crate::polls::seed::{demo_polls, hide, show};
use crate::polls::store::cache::{LASTS, Snapshots};
use crate::polls::store::polls::none_yet;
use crate::polls::voting::writer::BallotBox;
use crate::server::startup_lock::{Holder, turn};
use crate::server::upgrade;
use crate::server::upgrade::UpgradeError;
use crate::simulator::Simulator;
use crate::verification::health::{Heard, Standing};
use crate::verification::numbers::countries;
use crate::verification::{
    BuildError, Provider, Twilio, TwilioSettings, Vonage, VonageSettings, VonageV2,
};
use crate::web::http::access_log::Requests;

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
    /// There is none, where a command needs one that is there.
    #[error(
        "DATABASE_URL: there is no database of Pollstr at {0}; run this in the site's folder, or set DATABASE_URL"
    )]
    NoDatabase(Place),
    /// Another process has been starting for too long.
    #[error("DATABASE_URL: {holder} has been starting on this database, or bringing it up to date, for {seconds} s; try again later{}", .holder.remedy())]
    Turn {
        /// The other process.
        holder: Holder,
        /// For how long it was waited for.
        seconds: u64,
    },
    /// A pooler gives each statement another connection.
    #[error(
        "DATABASE_URL: a connection pooler, such as PgBouncer in transaction mode, stands before PostgreSQL and shares connections between clients; set it to session pooling (pool_mode = session), or use PostgreSQL's own address"
    )]
    Pooler,
    /// A connection did not keep what it was told.
    #[error(
        "DATABASE_URL: a connection was told {name} = {wanted} and has {found}; use session pooling (pool_mode = session), or PostgreSQL's own address"
    )]
    Session {
        /// What was set.
        name: &'static str,
        /// To what.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// The schema is of another version, or cannot be upgraded now.
    #[error(transparent)]
    Upgrade(#[from] UpgradeError),
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
    upgrade::require_alone(&config.database_url).await?;
    let db = Db::connect_with(&config.database_url, config.connections).await?;
    pooler::check(&db).await?;
    bring_up_to_date(&db, config).await?;
    Ok(db)
}

async fn bring_up_to_date(db: &Db, config: &Config) -> Result<(), StartError> {
    let _turn = turn(db, config.start_wait).await?;
    upgrade::run(db, &config.database_url).await?;
    Ok(confusables::fill(db).await?)
}

/// Opens a database that is there already, as it is.
///
/// # Errors
/// When there is none, or it cannot be opened.
pub async fn open_existing(config: &Config) -> Result<Db, StartError> {
    let place = Place::of(&config.database_url);
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

/// Opens a database that is there already, for a command that reads its tables and changes nothing.
///
/// # Errors
/// When there is none, it is of another version, or it cannot be opened.
pub async fn open_current(config: &Config) -> Result<Db, StartError> {
    let db = open_existing(config).await?;
    upgrade::require_current(&db, &Place::of(&config.database_url)).await?;
    Ok(db)
}

/// Opens a database that is there already, and brings it up to date.
///
/// # Errors
/// When there is none, or it cannot be opened or migrated.
pub async fn update_existing(config: &Config) -> Result<Db, StartError> {
    upgrade::require_alone(&config.database_url).await?;
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
///
/// # Errors
/// When the database fails.
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
pub async fn start(config: Config, clock: Clock) -> Result<Ground, StartError> {
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
    let snapshots = Snapshots::new(db.clone(), clock.clone(), lasts);
    let live = Live::new(db.clone(), clock.clone(), snapshots.clone());
    let ballots = BallotBox::open(
        db.clone(),
        keys.clone(),
        clock.clone(),
        live.clone(),
        config.mobile_only,
    );
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

/// Checks that the settings name countries that there are.
///
/// # Errors
/// The first that there is not.
pub fn countries_exist(config: &Config) -> Result<(), StartError> {
    let Ceilings {
        countries,
        ranges,
        prices,
        ..
    } = &config.ceilings;
    let allowed = countries
        .iter()
        .map(|country| ("POLLSTR_COUNTRIES", country));
    let priced = prices
        .keys()
        .filter(|country| *country != "*")
        .map(|country| ("POLLSTR_PRICES", country));
    if let Some((setting, country)) = allowed
        .chain(priced)
        .find(|(_, country)| countries::find(country).is_none())
    {
        return Err(StartError::Country(setting, country.clone()));
    }
    // With all of a country's numbers, those would be named that are kept out of it.
    match ranges.iter().find(|first| {
        countries::all()
            .iter()
            .any(|country| country.calling_code.to_string() == **first)
    }) {
        Some(first) => Err(StartError::Country(
            "POLLSTR_COUNTRIES",
            format!("+{first}"),
        )),
        None => Ok(()),
    }
}

/// The client of whoever sends the codes. The simulator is reached over HTTP as any provider would be, on a port of its own.
///
/// # Errors
/// When its address is not right.
pub async fn provider(
    config: &Config,
    clock: &Clock,
) -> Result<(Arc<dyn Provider>, Option<Simulator>), StartError> {
    let vonage = |(api_key, api_secret): (String, String), base_url: String| VonageSettings {
        base_url,
        api_key,
        api_secret,
        brand: config.brand.clone(),
        sender_id: config.sender_id.clone(),
    };
    let provider: Arc<dyn Provider> = match config.verify.clone() {
        Verify::Vonage {
            credentials,
            base_url,
        } => Arc::new(Vonage::new(vonage(credentials, base_url))?),
        Verify::VonageV2 {
            credentials,
            base_url,
        } => Arc::new(VonageV2::new(vonage(credentials, base_url))?),
        Verify::Twilio {
            credentials: (account_sid, auth_token),
            service,
            base_url,
        } => Arc::new(Twilio::new(TwilioSettings {
            base_url,
            account_sid,
            auth_token,
            service,
        })?),
        Verify::Simulator => {
            let simulator = Simulator::new(clock.clone()).signing(config.origin.host());
            let base_url = simulator.listen().await.map_err(StartError::Simulator)?;
            let pretended = ("simulated".to_owned(), "simulated".to_owned());
            return Ok((
                Arc::new(Vonage::new(vonage(pretended, base_url))?),
                Some(simulator),
            ));
        }
    };
    Ok((provider, None))
}
