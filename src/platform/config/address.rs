//! The addresses that Pollstr listens on: the site's, a TCP address or a Unix socket, and that of
//! the metrics.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::platform::config::sources::{ConfigError, Sources, wrong};

/// Stands for a peer on a Unix socket where an IP address is expected. No TCP peer has it.
pub const UNIX_PEER: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

const SETTING: &str = "LEPTOS_SITE_ADDR";

/// Where the site listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteAddress {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// The absolute path of a Unix socket.
    Unix(PathBuf),
}

impl SiteAddress {
    /// Reads `LEPTOS_SITE_ADDR`: `127.0.0.1:3000` or `unix:/run/pollstr/pollstr.sock`.
    pub(super) fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let text = sources.get(SETTING).unwrap_or_default();
        if let Some(path) = text.strip_prefix("unix:") {
            if !Path::new(path).is_absolute() {
                return wrong(
                    SETTING,
                    format!("\"{text}\" must be unix: and an absolute path"),
                );
            }
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        text.parse().map(Self::Tcp).or_else(|_| {
            wrong(
                SETTING,
                format!(
                    "\"{text}\" is not an address such as 127.0.0.1:3000 or unix:/run/pollstr/pollstr.sock"
                ),
            )
        })
    }

    /// Returns whether only this machine can connect. A Unix socket is made for a proxy, which may
    /// serve anyone, so it doesn't count.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        matches!(self, Self::Tcp(address) if address.ip().is_loopback())
    }

    /// Returns the origin that browsers would use without a proxy, if there is one.
    pub(super) fn origin(&self) -> Option<String> {
        match self {
            Self::Tcp(address) => Some(format!("http://{address}")),
            Self::Unix(_) => None,
        }
    }
}

impl fmt::Display for SiteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

pub(super) fn metrics_address(
    sources: &Sources,
    site: &SiteAddress,
) -> Result<Option<SocketAddr>, ConfigError> {
    const SETTING: &str = "POLLSTR_METRICS_ADDR";
    let Some(text) = sources.get(SETTING) else {
        return Ok(None);
    };
    match text.parse::<SocketAddr>() {
        Ok(address) if SiteAddress::Tcp(address) == *site && address.port() != 0 => {
            wrong(SETTING, format!("{address} is the site's own address"))
        }
        Ok(address) => Ok(Some(address)),
        Err(_) => wrong(
            SETTING,
            format!("\"{text}\" is not an address such as 127.0.0.1:9100"),
        ),
    }
}
