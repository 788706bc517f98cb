//! Checks whether a start would succeed, without changing anything.

use std::path::Path;

use thiserror::Error;
use tokio::net::TcpListener;

use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::config::address::{SiteAddress, UNIX_PEER};
use crate::platform::crypto::Keys;
use crate::platform::db::location::DatabaseLocation;
use crate::platform::db::{Db, NotWritable};
use crate::polls::seed;
use crate::server::provider::{countries_exist, provider};
use crate::server::startup::error::StartError;
use crate::server::startup::upgrade;
use crate::server::startup::{known_secret, open_existing};
use crate::verification::Fault;

/// What a start would fail with.
#[derive(Debug, Error)]
pub enum CheckError {
    /// An error that a start would report.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The address can't be bound.
    #[error("{0}: {1}: {2}")]
    Address(&'static str, SiteAddress, std::io::Error),
    /// The database is read-only.
    #[error("DATABASE_URL: can't write to the database at {0}: {1}")]
    NotWritable(DatabaseLocation, NotWritable),
    /// The provider refuses the credentials.
    #[error("{0}: {1} rejected these credentials, or the account has no credit")]
    Credentials(&'static str, &'static str),
    /// The provider can't be reached.
    #[error("POLLSTR_VERIFY: {0}")]
    Provider(Fault),
}

/// Checks everything a start needs and returns notes for the operator.
pub async fn check(config: &Config) -> Result<Vec<String>, CheckError> {
    countries_exist(config)?;
    can_listen("LEPTOS_SITE_ADDR", &config.address).await?;
    if let Some(address) = config.metrics_address {
        can_listen("POLLSTR_METRICS_ADDR", &SiteAddress::Tcp(address)).await?;
    }
    let mut notes = about_addresses(config);
    let place = DatabaseLocation::of(&config.database_url);
    if place.may_have_data() {
        match open_existing(config).await {
            Ok(db) => {
                let found = database(config, &db, &place).await;
                db.close().await;
                notes.extend(found?);
            }
            Err(StartError::NoDatabase(_)) => notes.push(first_start(config, &place, false)?),
            Err(error) => return Err(error.into()),
        }
    } else {
        notes.push(first_start(config, &place, false)?);
    }
    let (provider, _) = provider(config, &Clock::system()).await?;
    match provider.probe().await {
        Ok(()) => Ok(notes),
        Err(Fault::AccountAdmin) => Err(CheckError::Credentials(
            config.verify.credentials(),
            config.verify.name(),
        )),
        Err(fault) => Err(CheckError::Provider(fault)),
    }
}

/// An address in use is fine: the site may be running.
async fn can_listen(setting: &'static str, address: &SiteAddress) -> Result<(), CheckError> {
    let tried = match address {
        SiteAddress::Tcp(address) => TcpListener::bind(address).await.map(drop),
        // Binding would create the file.
        SiteAddress::Unix(path) => path
            .parent()
            .map_or(Ok(()), |folder: &Path| std::fs::read_dir(folder).map(drop)),
    };
    match tried {
        Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
            Err(CheckError::Address(setting, address.clone(), error))
        }
        _ => Ok(()),
    }
}

fn about_addresses(config: &Config) -> Vec<String> {
    let mut notes = Vec::new();
    let origin = config.origin.as_str();
    if config.is_public() && !config.origin.is_https() {
        notes.push(format!(
            "POLLSTR_ORIGIN: {origin} is not https, so passwords and codes are sent unencrypted."
        ));
    }
    if config.origin.is_https() && config.trusted_proxies.is_empty() {
        notes.push("POLLSTR_TRUSTED_PROXIES: not set, so all visitors share the limits of your https proxy.".to_owned());
    }
    if matches!(config.address, SiteAddress::Unix(_)) && !config.trusts(UNIX_PEER) {
        notes.push("POLLSTR_TRUSTED_PROXIES: doesn't name unix, so all visitors share the limits of the proxy on the socket.".to_owned());
    }
    if config
        .trusted_proxies
        .iter()
        .any(|net| net.prefix_len() == 0)
    {
        notes.push("POLLSTR_TRUSTED_PROXIES: every address is trusted, so visitors can fake their IP address and evade the limits.".to_owned());
    }
    if config.ceilings.names_none() {
        notes.push("POLLSTR_COUNTRIES: not set, so codes go to every country; list your voters' countries.".to_owned());
    }
    notes
}

async fn database(
    config: &Config,
    db: &Db,
    place: &DatabaseLocation,
) -> Result<Vec<String>, CheckError> {
    let mut notes = Vec::new();
    if upgrade::is_due(db, place)
        .await
        .map_err(StartError::Upgrade)?
    {
        notes.push(format!("The database at {place} is from an earlier version; the next start or `pollstr migrate` upgrades it."));
    }
    db.can_write()
        .await
        .map_err(|error| CheckError::NotWritable(place.clone(), error))?;
    let known = known_secret(db.write())
        .await
        .map_err(StartError::Database)?;
    if Keys::read(&config.secret_file, known.as_deref())
        .map_err(StartError::Keys)?
        .is_none()
    {
        notes.push(first_start(config, place, true)?);
    }
    if config.is_public() && seed::in_database(db).await.map_err(StartError::Database)? {
        notes.push(format!(
            "The database at {place} contains the demo polls. They stay hidden here; use a separate database for a real site."
        ));
    }
    Ok(notes)
}

/// Returns a note about what the first start will create.
fn first_start(
    config: &Config,
    place: &DatabaseLocation,
    database: bool,
) -> Result<String, CheckError> {
    let secret = config.secret_file.display();
    let keys = Keys::read(&config.secret_file, None).map_err(StartError::Keys)?;
    Ok(match (database, keys) {
        (false, None) => format!(
            "There is no database yet: the first start creates it at {place}, and the secret at {secret}."
        ),
        (false, Some(_)) => format!(
            "There is no database yet: the first start creates it at {place}, using the secret at {secret}."
        ),
        (true, _) => format!("There is no secret yet: the first start creates it at {secret}."),
    })
}
