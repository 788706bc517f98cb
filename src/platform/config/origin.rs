//! The public origin of the site.

use url::{Host, Url};

/// Scheme, host and port, as a browser sends them in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
    https: bool,
    loopback: bool,
    named: bool,
}

impl Origin {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty();
        if !bare || !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let loopback = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        let host = url.host_str()?.to_owned();
        let named = matches!(url.host()?, Host::Domain(_));
        Some(Self {
            text: url.origin().ascii_serialization(),
            host,
            https: url.scheme() == "https",
            loopback,
            named,
        })
    }

    /// Returns the origin without a trailing slash, such as `https://polls.example.org`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the host, such as `polls.example.org`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns whether browsers allow passkeys here: on secure origins with a domain name.
    #[must_use]
    pub fn takes_passkeys(&self) -> bool {
        self.named && (self.https || self.loopback)
    }

    /// Returns whether only this machine can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns whether the scheme is https, so cookies are `Secure` and HSTS is sent.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }
}
