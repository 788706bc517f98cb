//! What a running site is made of.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::accounts::passwords::password::Hasher;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::live::hub::LiveHub;
use crate::polls::store::cache::PollCache;
use crate::polls::voting::writer::VoteWriter;
use crate::simulator::Simulator;
use crate::verification::Provider;
use crate::verification::health::ProviderHealth;
use crate::web::http::access_log::Requests;

/// What a running site stands on.
#[derive(Clone, Debug)]
pub struct AppState {
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
    pub standing: ProviderHealth,
    /// Where votes are cast.
    pub ballots: VoteWriter,
    /// Polls and counts, kept for a moment.
    pub snapshots: PollCache,
    /// Who watches results.
    pub live: LiveHub,
    /// The pretended phone network, while it is the provider.
    pub simulator: Option<Simulator>,
    /// How many requests were answered.
    pub requests: Requests,
    /// Cancelled when the process has been told to stop, a while before it takes no more connections.
    pub leaving: CancellationToken,
}
