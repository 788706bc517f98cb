//! The state that a running site shares.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::accounts::limits::number_checks::NumberChecks;
use crate::accounts::passwords::password::Hasher;
use crate::accounts::sessions::cache::SessionCache;
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

/// The shared state of a running site. Clones are cheap.
#[derive(Clone, Debug)]
pub struct AppState {
    pub config: Arc<Config>,
    pub clock: Clock,
    /// The migrated database.
    pub db: Db,
    /// Keys derived from the secret file.
    pub keys: Keys,
    /// Password hashing.
    pub hasher: Hasher,
    /// The verification provider.
    pub provider: Arc<dyn Provider>,
    /// Whether the provider accepts the credentials.
    pub standing: ProviderHealth,
    /// The only writer of ballots.
    pub ballots: VoteWriter,
    /// The sessions of recent requests.
    pub sessions: SessionCache,
    /// Cached polls and counts.
    pub cache: PollCache,
    /// Subscribers of live results.
    pub live: LiveHub,
    /// The simulated phone network, if it is the provider.
    pub simulator: Option<Simulator>,
    /// Request counters.
    pub requests: Requests,
    /// Numbers that strangers have checked lately.
    pub number_checks: NumberChecks,
    /// Cancelled on SIGTERM, a while before connections are refused.
    pub leaving: CancellationToken,
}
