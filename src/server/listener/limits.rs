//! Limits and deadlines of connections.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::platform::config::Config;

/// File descriptors reserved for the database, the log and the operator.
const RESERVED_HANDLES: u64 = 200;

/// Limits and deadlines of connections.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Deadline of a request head, and idle time between two requests.
    pub head: Duration,
    /// Deadline of a whole request body.
    pub body: Duration,
    /// Initial write deadline; see `write_deadline`.
    pub write: Duration,
    /// Most connections; further ones wait in the kernel's backlog.
    pub connections: usize,
    /// Most connections per IP address; behind a proxy, most requests in flight.
    pub from_one_address: usize,
    /// Trusted proxies: their clients are counted instead.
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
    /// Returns the limits for these settings and this many file descriptors.
    #[must_use]
    pub fn of(config: &Config, handles: u64) -> Self {
        let limits = Self {
            proxies: config.trusted_proxies.clone(),
            ..Self::default()
        };
        let room = usize::try_from(handles.saturating_sub(RESERVED_HANDLES).max(handles / 2))
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
