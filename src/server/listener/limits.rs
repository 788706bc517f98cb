//! Limits and deadlines of connections.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::platform::config::Config;

/// How many file handles are kept back from connections, for the database, the log and whoever looks after the machine.
const OTHER_HANDLES: u64 = 200;

/// What connections may ask of the process.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a head may take to arrive, from the first moment on; and a connection may be silent between two requests.
    pub head: Duration,
    /// How long the body of a request may take to arrive, all of it.
    pub body: Duration,
    /// How long a peer may make us wait to write; what it reads earns it more.
    pub write: Duration,
    /// How many connections there are at most; more wait in the system's queue.
    pub connections: usize,
    /// How many connections one address may have; behind a proxy, how many requests under way.
    pub from_one_address: usize,
    /// The proxies whose visitors are counted in their place.
    pub proxies: Vec<IpNet>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            write: Duration::from_secs(30),
            connections: 10_000,
            from_one_address: 1_000,
            proxies: Vec::new(),
        }
    }
}

impl Limits {
    /// The limits of a site with these settings, in a process that may open so many files.
    #[must_use]
    pub fn of(config: &Config, handles: u64) -> Self {
        let limits = Self {
            proxies: config.trusted_proxies.clone(),
            ..Self::default()
        };
        let room = usize::try_from(handles.saturating_sub(OTHER_HANDLES).max(handles / 2))
            .unwrap_or(usize::MAX);
        Self {
            connections: limits.connections.min(room),
            ..limits
        }
    }

    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|net| net.contains(&address))
    }
}
